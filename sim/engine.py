"""The simulator: the only owner of physics data. It steps time, applies drives, and says what touched what."""

from __future__ import annotations

from collections import deque

import mujoco
import numba
import numpy as np
from numpy.typing import NDArray

from sim.actuators import Drives, JointCommand
from sim.robot import SIDES
from sim.scene import Scene
from sim.surroundings import walked

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def contact_forces(
    count: int, geoms: NDArray[np.int32], address: NDArray[np.int32], dim: NDArray[np.int32], efc: Array, frames: Array
) -> tuple[IntArray, Array]:
    """Geoms (count, 2) and force (count, 3) N, world, on the second of them, of each contact.

    With elliptic cones the solver's forces are those in the contact's frame.
    """
    pairs, out = np.empty((count, 2), dtype=np.int64), np.zeros((count, 3))
    for c in range(count):
        pairs[c, 0], pairs[c, 1] = geoms[c, 0], geoms[c, 1]
        first = address[c]
        if first < 0:
            continue
        for k in range(min(dim[c], 3)):
            f = efc[first + k]
            for i in range(3):
                out[c, i] += frames[c, 3 * k + i] * f
    return pairs, out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def poses_of(bodies: IntArray, xpos: Array, xquat: Array) -> Array:
    """(7 k,) poses of ``bodies`` (k,) one after the other: x y z qw qx qy qz."""
    out = np.empty(7 * bodies.shape[0])
    for i in range(bodies.shape[0]):
        out[7 * i : 7 * i + 3] = xpos[bodies[i]]
        out[7 * i + 3 : 7 * i + 7] = xquat[bodies[i]]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def world_velocity(velocity: Array, rotation: Array) -> Array:
    """A free body's velocity (6,) with its turn in the world frame instead of its own; ``rotation``: (9,)."""
    out: Array = velocity.copy()
    for i in range(3):
        out[3 + i] = rotation[3 * i] * velocity[3] + rotation[3 * i + 1] * velocity[4] + rotation[3 * i + 2] * velocity[5]
    return out


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def foot_sums(pairs: IntArray, forces: Array, points: Array, sole: IntArray, floor: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Floor forces (2, 3) on the feet and their common centre of pressure (2,), nan where nothing presses."""
    out = np.zeros((2, 3))
    moment = np.zeros(2)
    total = 0.0
    for c in range(pairs.shape[0]):
        foot, other, sign = sole[pairs[c, 1]], pairs[c, 0], 1.0
        if foot < 0:
            foot, other, sign = sole[pairs[c, 0]], pairs[c, 1], -1.0
        if foot < 0 or not floor[other]:
            continue
        load = sign * forces[c, 2]
        for i in range(3):
            out[foot, i] += sign * forces[c, i]
        moment += load * points[c, :2]
        total += load
    if total <= 1.0:
        return out, np.full(2, np.nan)
    return out, moment / total


class Simulator:
    """Steps a scene.

    The one force from outside is a declared push (:meth:`push`); nothing else ever writes ``xfrc_applied``.

    Args:
        scene: What is simulated. Its model is not changed.
        delay: Time from a command to the drives, s; rounded to physics steps.
    """

    def __init__(self, scene: Scene, *, delay: float = 0.0) -> None:
        self.scene = scene
        self.model = scene.model
        self.data = scene.initial_data()
        self.drives = Drives(scene)
        self.timestep = float(self.model.opt.timestep)
        self._delay_steps = round(delay / self.timestep)
        self._queue: deque[tuple[int, JointCommand]] = deque()
        self._steps = 0
        self._active: JointCommand | None = None
        self._base = int(self.model.body(scene.robot.profile.base_body).id)
        self._push_left = 0.0
        self._push = np.zeros(3)
        self._pushing = False
        self.asked = np.zeros(len(scene.robot.joint_names))
        sites = [scene.robot.profile.legs[s].sole_site for s in SIDES]
        self.sole_sites = np.array([self.model.site(s).id for s in sites])
        self.sole_bodies = self.model.site_bodyid[self.sole_sites]
        self._sole_of_geom = np.full(self.model.ngeom, -1)
        for i, body in enumerate(self.sole_bodies):
            self._sole_of_geom[(self.model.geom_bodyid == body)] = i
        self._on_floor = np.zeros(self.model.ngeom, dtype=np.bool_)
        self._on_floor[scene.floor_geoms] = True
        walkers = scene.cell.walkers if scene.cell is not None else ()
        #: views into the data, which stays where it is: asking MuJoCo for each anew costs more than using it
        self._qpos, self._qvel, self._ctrl = self.data.qpos, self.data.qvel, self.data.ctrl
        self._xpos, self._xquat, self._xmat = self.data.xpos, self.data.xquat, self.data.xmat
        self._site_xpos, self._site_xmat = self.data.site_xpos, self.data.site_xmat
        self._com, self._com_rate = self.data.subtree_com[self._base], self.data.subtree_linvel[self._base]
        self._bodies: dict[tuple[str, ...], IntArray] = {}
        self._walkers = [(w, int(self.model.actuator(f"walker/{w.id}").id)) for w in walkers]

    @property
    def time(self) -> float:
        """s since the start."""
        return float(self.data.time)

    def apply(self, command: JointCommand) -> None:
        """Hand a command to the drives; it acts after the delay and until the next one does."""
        self._queue.append((self._steps + self._delay_steps, command))

    def push(self, force: Array, duration: float) -> None:
        """A disturbance by a user: ``force`` (3,) N, world, on the base for ``duration`` s."""
        self._push = np.asarray(force, dtype=np.float64).copy()
        self._push_left, self._pushing = duration, True

    @property
    def pushed(self) -> bool:
        """Whether a push acts."""
        return self._push_left > 0.0

    def advance(self, steps: int) -> None:
        """Step the physics; the drives close their loops at every step."""
        data, model, ctrl = self.data, self.model, self._ctrl
        pushing = self._pushing
        for _ in range(steps):
            while self._queue and self._queue[0][0] <= self._steps:
                self._active = self._queue.popleft()[1]
            if self._active is not None:
                self.asked = self.drives.write(self._active, self._qpos, self._qvel, ctrl)
            if pushing:
                self._apply_push()
            for walker, drive in self._walkers:
                ctrl[drive] = walked(walker, float(data.time))
            mujoco.mj_step(model, data)
            self._steps += 1

    def _apply_push(self) -> None:
        """The declared push of this step, or its end."""
        if self._push_left > 0.0:
            self.data.xfrc_applied[self._base, :3] = self._push
            self._push_left -= self.timestep
            if self._push_left <= 1e-9:
                self._push_left = 0.0
        elif self._pushing:
            self.data.xfrc_applied[self._base, :3] = 0.0
            self._pushing = False

    # --- what there is to see ------------------------------------------------------------------------------------------

    @property
    def base_pose(self) -> Array:
        """(7,) x y z qw qx qy qz, world."""
        at = self.scene.base_qposadr
        return np.array(self._qpos[at : at + 7])

    @property
    def upright(self) -> tuple[float, float]:
        """Height of the base, m, and cosine of its tilt."""
        at, q = self.scene.base_qposadr, self._qpos
        x, y = q.item(at + 4), q.item(at + 5)
        return q.item(at + 2), 1.0 - 2.0 * (x * x + y * y)

    @property
    def base_velocity(self) -> Array:
        """(6,) linear and angular, world."""
        at = self.scene.base_dofadr
        velocity: Array = world_velocity(self._qvel[at : at + 6], self._xmat[self._base])
        return velocity

    @property
    def joint_torque(self) -> Array:
        """(n,) delivered by the actuators in the last step, N·m."""
        return np.array(self.data.qfrc_actuator[self.scene.joint_dofadr])

    def object_pose(self, object_id: str) -> Array:
        """(7,) pose of the centre of a workpiece or walker, world."""
        return self.object_poses((object_id,))

    def object_poses(self, objects: tuple[str, ...]) -> Array:
        """(7 k,) poses of the centres of workpieces or walkers one after the other, world."""
        bodies = self._bodies.get(objects)
        if bodies is None:
            bodies = self._bodies[objects] = np.array([self.scene.object_body(o) for o in objects], dtype=np.int64)
        poses: Array = poses_of(bodies, self._xpos, self._xquat)
        return poses

    def soles(self) -> tuple[Array, Array]:
        """Positions (2, 3) and rotations (2, 3, 3) of the soles, world."""
        return self._site_xpos[self.sole_sites], self._site_xmat[self.sole_sites].reshape(-1, 3, 3)

    def contacts(self) -> tuple[IntArray, Array]:
        """Touching pairs: geom ids (k, 2) and force on the second geom (k, 3), N, world."""
        data = self.data
        contact = data.contact
        found: tuple[IntArray, Array] = contact_forces(
            data.ncon, contact.geom, contact.efc_address, contact.dim, data.efc_force, contact.frame
        )
        return found

    def foot_forces(self, pairs: IntArray, forces: Array) -> tuple[Array, Array]:
        """Force of the floor on each foot (2, 3) N world, and the centre of pressure (2,) m world (nan: airborne)."""
        found: tuple[Array, Array] = foot_sums(pairs, forces, self.data.contact.pos, self._sole_of_geom, self._on_floor)
        return found

    @property
    def com(self) -> Array:
        """(3,) centre of mass of the robot, world."""
        return np.array(self._com)

    def com_velocity(self) -> Array:
        """(3,) velocity of the robot's centre of mass, world."""
        mujoco.mj_subtreeVel(self.model, self.data)
        return np.array(self._com_rate)
