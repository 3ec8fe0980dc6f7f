"""Recorded joint commands replayed through the simulated robot, with its base held or standing free.

With the base held nothing balances: what differs from the measurement is then drives, loads and delay, not the fall that an open loop
ends in. A held base is a declared option and no claim: the recording says so in its assumptions and in its first event.
"""

from __future__ import annotations

from collections.abc import Callable

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.actuators import Drives, JointCommand
from sim.errors import SimError
from sim.recording import RecordedEvent, Recording, RecordingHeader
from sim.robot import RobotModel
from sim.scene import Scene
from sim.timeseries import Channel, TimeSeries
from sim.variation import NOMINAL

Array = NDArray[np.float64]

TIMESTEP = 0.002
#: Every so many physics steps the drives get a command and a sample is kept: 250 Hz.
STEPS_PER_SAMPLE = 2


def held_scene(robot: RobotModel, timestep: float = TIMESTEP) -> Scene:
    """The robot alone with its base fixed in space where the model puts it: its free joint is taken out, no weld is added.

    ``base_qposadr`` and ``base_dofadr`` are -1: there is no such state.

    Raises:
        SimError: ``scene.model_invalid``, ``scene.element_missing`` or ``scene.no_free_joint``.
    """
    try:
        spec = mujoco.MjSpec.from_file(str(robot.model_path))
        base = spec.body(robot.profile.base_body)
        if base is None:
            raise SimError("scene.element_missing", robot=robot.id, kind="body", name=robot.profile.base_body)
        free = [j for j in base.joints if j.type == mujoco.mjtJoint.mjJNT_FREE]
        if not free:
            raise SimError("scene.no_free_joint", robot=robot.id, body=robot.profile.base_body)
        for joint in free:
            spec.delete(joint)
        for key in list(spec.keys):
            spec.delete(key)  # they hold seven numbers too many now
        spec.option.timestep = timestep
        spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        model = spec.compile()
    except ValueError as error:
        raise SimError("scene.model_invalid", path=str(robot.model_path), reason=str(error).strip().split("\n")[0]) from error

    def number(kind: mujoco.mjtObj, word: str, name: str) -> int:
        found = mujoco.mj_name2id(model, kind, name)
        if found < 0:
            raise SimError("scene.element_missing", robot=robot.id, kind=word, name=name)
        return int(found)

    joints = [number(mujoco.mjtObj.mjOBJ_JOINT, "joint", n) for n in robot.joint_names]
    by_joint = {int(model.actuator_trnid[i, 0]): i for i in range(model.nu)}
    for name, j in zip(robot.joint_names, joints, strict=True):
        if j not in by_joint:
            raise SimError("scene.element_missing", robot=robot.id, kind="actuator", name=name)
    return Scene(
        model=model,
        robot=robot,
        cell=None,
        variation=NOMINAL,
        joint_qposadr=np.array(model.jnt_qposadr[joints], dtype=np.int64),
        joint_dofadr=np.array(model.jnt_dofadr[joints], dtype=np.int64),
        actuator_ids=np.array([by_joint[j] for j in joints], dtype=np.int64),
        base_qposadr=-1,
        base_dofadr=-1,
        is_robot_geom=np.ones(model.ngeom, dtype=np.bool_),
        geom_owner=tuple(f"robot:{model.body(int(model.geom_bodyid[i])).name}" for i in range(model.ngeom)),
        geom_material=("",) * model.ngeom,
    )


def replay(
    recording: Recording,
    robot: RobotModel,
    progress: Callable[[float], None] | None = None,
    *,
    gravity_compensation: bool = True,
) -> Recording:
    """Drive the simulated robot, base held, with the ``joint.command`` of a recording.

    A command holds until the next one arrives, delayed by the profile's control delay. Joints without a command hold their home
    posture. The run starts in the first measured posture (or the first command), at rest.

    Args:
        recording: holds ``joint.command``; its clock is the result's.
        robot: whose joints these are.
        progress: called with 0..1 about twenty times a second of run.
        gravity_compensation: the drives add the torques that hold the arms against gravity, as the tele-operation software of
            humanoids does; whether the recorded robot did is not in a log, so the result's assumptions say what was taken.

    Raises:
        SimError: ``recording.no_such_channel``, ``replay.no_common_joints``, those of held_scene.
    """
    command = recording["joint.command"]
    known = [(i, robot.index(c)) for i, c in enumerate(command.channel.columns) if c in robot.joint_names]
    if not known or not len(command.t):
        raise SimError("replay.no_common_joints", robot=robot.id, channel="joint.command")
    source = np.array([i for i, _ in known])
    target = np.array([j for _, j in known])
    scene = held_scene(robot)
    model, data, n = scene.model, mujoco.MjData(scene.model), len(robot.joint_names)
    profile = robot.profile
    drives = Drives(scene)
    servo_kp, servo_kd = scene.servo_gains.T
    kp = np.array([profile.stiffness.get(j, k) for j, k in zip(robot.joint_names, servo_kp, strict=True)])
    kd = np.array([profile.damping.get(j, k) for j, k in zip(robot.joint_names, servo_kd, strict=True)])
    home = np.array([profile.home.get(j, 0.0) for j in robot.joint_names])

    asked = home.copy()
    asked[target] = command.values[0, source]
    start = asked.copy()
    measured = recording.series.get("joint.position")
    if measured is not None and len(measured.t):
        for i, name in enumerate(measured.channel.columns):
            if name in robot.joint_names and np.isfinite(measured.values[0, i]):
                start[robot.index(name)] = measured.values[0, i]
    data.qpos[scene.joint_qposadr] = start
    mujoco.mj_forward(model, data)

    t0, period = float(command.t[0]), STEPS_PER_SAMPLE * TIMESTEP
    count = int(np.floor((float(command.t[-1]) - t0) / period)) + 1
    stamps: Array = np.asarray(t0 + period * np.arange(count), dtype=np.float64)
    newest = np.searchsorted(command.t, stamps - profile.control_delay + 1e-9, side="right") - 1
    rows = {name: np.empty((count, n)) for name in ("position", "velocity", "torque", "command", "torque_command")}
    zeros = np.zeros(n)
    for i in range(count):
        values = command.values[max(int(newest[i]), 0), source]
        asked[target] = np.where(np.isfinite(values), values, asked[target])
        held = np.array(data.qfrc_bias[scene.joint_dofadr]) if gravity_compensation else zeros
        order = JointCommand(asked, zeros, kp, kd, held)
        rows["position"][i] = data.qpos[scene.joint_qposadr]
        rows["velocity"][i] = data.qvel[scene.joint_dofadr]
        rows["command"][i] = asked
        for _ in range(STEPS_PER_SAMPLE):
            torque = drives.write(order, data.qpos, data.qvel, data.ctrl)
            mujoco.mj_step(model, data)
        rows["torque"][i] = data.qfrc_actuator[scene.joint_dofadr]
        rows["torque_command"][i] = torque
        if progress is not None and i % 12 == 0:
            progress(i / count)
    units = {"velocity": "rad/s", "torque": "N·m", "torque_command": "N·m"}
    series = {
        f"joint.{name}": TimeSeries(Channel(f"joint.{name}", units.get(name, "rad"), robot.joint_names), stamps, values)
        for name, values in rows.items()
    }
    base = model.body(profile.base_body)
    pose = np.concatenate((base.pos, base.quat))
    columns = ("x", "y", "z", "qw", "qx", "qy", "qz")
    series["base.pose"] = TimeSeries(Channel("base.pose", "1", columns, "world"), stamps, np.tile(pose, (count, 1)))
    header = RecordingHeader(
        source="simulation",
        robot_id=robot.id,
        joint_names=robot.joint_names,
        robot_hash=robot.content_hash,
        state_source="truth",
        wall_start=recording.header.wall_start,
        assumptions={
            "base": "held: the free joint is taken out, the base does not move",
            "command": "each recorded command holds until the next",
            "uncommanded_joints": "hold their home posture",
            "gains": "stiffness and damping of the profile",
            "gravity_compensation": "on: assumed, not in the log" if gravity_compensation else "off: assumed, not in the log",
            "control_delay_s": f"{profile.control_delay:g}",
        },
    )
    events = (RecordedEvent(t0, "event.base_held", {"body": profile.base_body}),)
    return Recording(header, series, events=events, completed=True)
