"""One control tick of the body: sensed state in, joint command out. Skills say what to do; this keeps the balance.

The state that arrives is only :class:`sim.sensors.Sensed`; the model is the nominal robot's own.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.actuators import JointCommand
from sim.control.arms import Arms
from sim.control.body import Body, standing_height
from sim.control.descent import STRETCH, TOE_ROOM, Descent
from sim.control.legs import Legs
from sim.control.prediction import DelayMeter, Prediction
from sim.control.stabiliser import Stabiliser
from sim.control.support import support_polygon
from sim.control.task_references import (
    base_turn,
    drive_references,
    press_together,
    rolling_sole,
    standing_sole,
    swinging_sole,
    waist_pull,
)
from sim.control.trunk import TrunkReference
from sim.control.walking import FeetMeasured, Walking
from sim.control.whole_body import GRAVITY, Solution, Tasks, WholeBody
from sim.robot import SIDES, RobotModel
from sim.sensors import Sensed
from sim.transforms import Pose2, wrap_angle

Array = NDArray[np.float64]

CONTROL_PERIOD = 0.004
#: Share of the soles that the balance counts on: what is left is for what the model does not know, or a sole tips on its edge.
SUPPORT_SHARE = 0.65
#: Who is pushed out of that uses them nearly to the edge: the first of two steps aside takes away the foot that does not carry,
#: and what the body gains on the sole until it lands, the second has to make good twofold. The programme's own bound is wider.
CATCH_SHARE, CATCH_MARGIN = 0.85, 0.90
#: The whole-body programme chooses torques; the drives' own damping, which acts without the delay of commands, holds the
#: joints to the velocities it counts on. Without it a light leg whose gears damp little shakes at 10 ms of delay and its
#: sole twists away. Share of the profile's damping.
DRIVE_DAMPING = 1.0
#: The body's height follows what the legs need with this time constant, s.
HEIGHT_LAG_S = 0.12
#: Nor does it rise or sink faster than this, m/s, and on the way up by only this share of the step before the lower foot has
#: left: a leg that is left behind stretches, and a straight one cannot lift its foot; but the lower the body, the nearer the
#: upper shin is to the next edge.
CLIMB_SPEED, CLIMB_SHARE = 0.35, 0.25
#: The hip strategy ends where the trunk leans this much, rad; while it acts, the weight of an upright trunk falls to this share.
MOST_LEAN = 0.5
BENDING = 0.005
#: A swinging foot gives up being flat where its ankle comes this near to a limit, rad.
ANKLE_ROOM = 0.25
NO_TURN: Array = np.zeros(2)


class BodyLoop:
    """Balance, gait and arms of one robot.

    Args:
        robot: The nominal robot. dt: control period, s.
    """

    def __init__(self, robot: RobotModel, dt: float = CONTROL_PERIOD) -> None:
        self.robot = robot
        self.dt = dt
        self.body = Body(robot)
        profile = robot.profile
        self.gait = profile.gait
        self.stabiliser = Stabiliser(profile.gait.com_height)
        self.legs = Legs(self.body)
        self.whole_body = WholeBody(self.body, profile.floor_friction)
        self.walking = Walking(profile.gait, self.stabiliser, self.body.sole_half, dt, gravity_load(self.body))
        self.arms = Arms(self.body, dt)
        names = robot.joint_names
        self._stiffness = np.array([profile.stiffness.get(n, 50.0) for n in names])
        self._damping = np.array([profile.damping.get(n, 2.0) for n in names])
        self._kp = self._stiffness.copy()
        self._kd = self._damping.copy()
        self._kp[self.body.driven] = 0.0
        self._kd[self.body.driven] *= DRIVE_DAMPING
        self.prediction = Prediction(profile.control_delay, dt, len(names))
        self.delay_meter = DelayMeter(dt, self.body.driven)
        self._asked = np.zeros(len(names))
        self.height_reference = 0.0
        #: Usual height of the base over the soles, m.
        self.base_height = standing_height(self.body, self.body.home)
        #: Usual height of the shoulders over the soles, m.
        self.shoulder_height = self.base_height + float(np.mean(self.body.shoulders()[:, 2])) if self.body.arms else 0.0
        #: Height, lean and waist while the feet stand.
        self.trunk = TrunkReference(self.body.home[self.body.waist])
        self.hands_busy = False
        self.squeeze = 0.0
        #: How much lower than usual the body is held, m.
        self.crouch = 0.0
        self.xi = np.zeros(2)
        self.pressure = np.zeros(2)
        self.solution: Solution | None = None
        self._started = False
        self.descent = Descent(self.body, dt)
        self._ankles = [robot.index(profile.legs[s].ankle_pitch) for s in SIDES]

    @property
    def com_height(self) -> float:
        """Height of the centre of mass over the soles, m."""
        return float(self.body.com[2]) - self._floor()

    @property
    def middle(self) -> Pose2:
        """Middle of the feet, world, as the gait has it."""
        return self.walking.middle()

    def sense(self, sensed: Sensed) -> None:
        """Take in a reading, predicted over the declared control delay with the accelerations on their way."""
        self.delay_meter.note(self._asked, sensed.qd)
        q, qd, pose, velocity = self.prediction.ahead(sensed.q, sensed.qd, sensed.base_pose, sensed.base_velocity)
        self.body.update(pose, velocity, q, qd)
        if not self._started:
            self._started = True
            self.arms.anchor(self.body.prescribed, q[self.body.prescribed])
            self.height_reference = float(self.body.com[2])

    def act(self, sensed: Sensed) -> JointCommand:
        """The command of this tick, after skills have set gait and arm references."""
        body = self.body
        self.xi = self.stabiliser.capture_point(body.com, body.com_velocity)
        measured = FeetMeasured(body.sole_position, body.sole_yaw, sensed.foot_load, self.xi)
        p_ref, xi_ref = self.walking.update(measured)
        contact = self.walking.contact
        upper = self.walking.upper
        self.descent.tick(self.walking, self.xi, upper >= 0 and self._ankle_full(upper))
        floor = self._floor()
        share = min(self.dt / HEIGHT_LAG_S, 1.0)
        usual = self._height_floor() + self.gait.com_height - self.legs.lowering(self.walking.stride)
        most = CLIMB_SPEED * self.dt
        self.height_reference += min(max(share * (usual - self.height_reference), -most), most)
        bent = self.trunk
        bent.tick(self.dt)
        height = self.height_reference + bent.value.item(0)
        lift = 100.0 * (height - body.com.item(2)) + 20.0 * (bent.rate.item(0) - body.com_velocity.item(2))
        lift = min(max(lift + bent.acceleration.item(0), -4.0), 4.0)
        catching = self.walking.catching
        used = CATCH_SHARE if catching else SUPPORT_SHARE
        polygon = support_polygon(body.sole_position, body.sole_yaw, body.sole_half, contact, used)
        integrate = self.walking.phase == "stand"
        lean = math.hypot(body.base_rotation.item(2, 0), body.base_rotation.item(2, 1))
        hip = min(max(1.0 - lean / MOST_LEAN, 0.0), 1.0)
        horizontal, self.pressure, help_needed = self.stabiliser.acceleration(
            body.com, self.xi, xi_ref, p_ref, polygon, lift, floor, self.dt, integrate, hip
        )
        tasks = Tasks(
            contact=contact,
            com=np.array([horizontal[0], horizontal[1], lift]),
            base=self._base_task(),
            sole=self._sole_task(contact),
            waist=waist_pull(bent.value, bent.rate, bent.acceleration, body.q, body.qd, body.waist),
            joints=self.arms.qdd,
            on_toes=self.descent.on_toes,
            upright=1.0 - help_needed * (1.0 - BENDING),
            margin=CATCH_MARGIN if catching else None,
        )
        solution = self.whole_body.solve(tasks)
        self.solution = solution
        self._asked = solution.acceleration
        self.prediction.send(solution.acceleration, solution.base)
        return self._command(solution)

    def _command(self, solution: Solution) -> JointCommand:
        body, arms = self.body, self.arms
        q_des, qd_des, torque = arms.q.copy(), arms.qd.copy(), np.empty_like(arms.q)
        own, pull = solution.torque, solution.acceleration
        drive_references(q_des, qd_des, torque, body.q, body.qd, pull, body.driven, own, arms.torque, self.dt)
        if self.squeeze > 0.0 and len(body.hands) == 2:
            left, right = body.arms
            press_together(torque, self.squeeze, body.hand_position, body.hand_jacobian, left, right, body.dofs)
        return JointCommand(q_des, qd_des, self._kp, self._kd, torque)

    def _floor(self) -> float:
        left, right = self.walking.contact
        a, b = self.walking.floor.tolist()
        return float((a + b) / 2 if left and right else a if left else b)

    def _height_floor(self) -> float:
        """The ground that the body's height is held above: before a step down already the lower one, so that the leg reaches it."""
        walking, floor = self.walking, self._floor()
        if walking.upper >= 0:
            return walking.lower_floor + STRETCH * self.gait.com_height
        if walking.careful and walking.phase == "double":
            low, high = sorted(float(z) for z in walking.floor)
            floor = low + CLIMB_SHARE * (high - low)
        return floor - self.crouch

    def _base_task(self) -> Array:
        """Angular acceleration (3,) that keeps the base as upright as the trunk's reference says, heading between the feet."""
        body, trunk = self.body, self.trunk
        left, right = body.sole_yaw.tolist()
        if self.walking.phase == "stand":
            left, right = (f.yaw for f in self.walking.feet)
        swing = self.walking.swing
        if swing is not None:
            left, right = (swing.yaw, right) if self.walking.swing_side == 0 else (left, swing.yaw)
        heading = left + wrap_angle(right - left) / 2
        lean, rate, pull = trunk.value.item(1), trunk.rate.item(1), trunk.acceleration.item(1)
        down = self.descent
        turn: Array = base_turn(body.base_rotation, body.base_velocity[3:], heading, lean + down.lean, down.aside, rate, pull)
        return turn

    def _sole_task(self, contact: tuple[bool, bool]) -> Array:
        """Accelerations (2, 6) of the soles: still in stance, along the swing otherwise."""
        body, walking = self.body, self.walking
        out = np.empty((2, 6))
        for i in range(2):
            velocity, rotation, normal = body.sole_velocity[i], body.sole_rotation[i], walking.normals[i]
            if self.descent.on_toes[i]:
                out[i] = rolling_sole(velocity, rotation, body.sole_half.item(i, 0), normal)
            elif contact[i]:
                out[i] = standing_sole(velocity, rotation, normal)
            else:
                swing = walking.swing
                assert swing is not None
                out[i] = swinging_sole(
                    body.sole_position[i],
                    velocity,
                    rotation,
                    body.sole_yaw.item(i),
                    normal,
                    self._ankle_relief(i),
                    swing.position,
                    swing.velocity,
                    swing.acceleration,
                    swing.yaw,
                    swing.yaw_rate,
                )
        return out

    def _ankle_full(self, side: int) -> bool:
        """The toes can hardly come nearer to the shin."""
        relief, yaw = self._ankle_relief(side, TOE_ROOM), self.body.sole_yaw.item(side)
        return bool(math.cos(yaw) * relief[1] - math.sin(yaw) * relief[0] > 0.0)

    def _ankle_relief(self, side: int, room: float = ANKLE_ROOM) -> Array:
        """Rotation vector (2,) x y by which a swinging sole tilts where its ankle comes near a limit, rad."""
        body, index = self.body, self._ankles[side]
        q = body.q.item(index)
        over = max(body.lower.item(index) + room - q, 0.0) - max(q - body.upper.item(index) + room, 0.0)
        if over == 0.0:
            return NO_TURN
        yaw = float(body.sole_yaw[side])
        across = np.array([-math.sin(yaw), math.cos(yaw)])
        turn = body.sole_jacobian[side, 3:5, body.dofs[index]] @ across
        return np.asarray(math.copysign(min(abs(over), 0.6), over * float(turn)) * across)

    @property
    def gains(self) -> tuple[Array, Array]:
        """Stiffness N·m/rad and damping N·m·s/rad (n,) of the joint drives, by the profile."""
        return self._stiffness, self._damping

    @property
    def balanced(self) -> bool:
        """Standing, and the body moves slowly over the feet."""
        m = self.walking.middle()
        return self.walking.standing and max(abs(self.xi[0] - m.x), abs(self.xi[1] - m.y)) < 0.02 * self.walking.size


def gravity_load(body: Body) -> float:
    """Weight of robot and payload, N."""
    return body.mass * GRAVITY
