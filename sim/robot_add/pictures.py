"""A picture of each guess: the robot at home, what was found coloured. Drawn in a process of its own, which needs OpenGL."""

from __future__ import annotations

import multiprocessing
import os
import struct
import sys
import zlib
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.robot import SIDES, RobotModel

Array = NDArray[np.float64]

WIDTH, HEIGHT = 480, 640
SECONDS = 90.0
_GREY = (0.62, 0.64, 0.67, 1.0)
_FOUND = (0.95, 0.48, 0.10, 1.0)
_SKY = (0.90, 0.91, 0.92)
_MARK = (0.10, 0.45, 0.95, 0.9)
#: Where the camera looks from: azimuth and elevation, degrees; feet are looked at from from below, for there is no floor.
_BODY_VIEW, _FOOT_VIEW, _PALM_VIEW = (145.0, -12.0), (145.0, 28.0), (180.0, -5.0)
#: Opacity of the body around an IMU: many layers of meshes still let it be seen.
_VEIL = 0.25


def draw(robot: RobotModel, folder: Path) -> str:
    """Draw the pictures into ``folder``: base, each leg, sole, arm and hand, waist, head, IMU.

    Returns:
        "" or why there are none (no OpenGL on this machine, or it took too long).
    """
    p = robot.profile
    parts: dict[str, tuple[str, ...]] = {"base": (), "waist": p.waist_joints, "head": p.head_joints}
    for side in SIDES:
        parts[f"{side}_leg"] = p.legs[side].joints
        if side in p.arms:
            grip = p.arms[side].gripper
            parts[f"{side}_arm"] = p.arms[side].joints + (grip.joints if grip is not None else ())
    marks = {f"{s}_sole": (p.legs[s].sole_site, p.legs[s].sole_half_size) for s in SIDES}
    marks |= {f"{s}_palm": (p.arms[s].hand_site, p.arms[s].palm_half_size) for s in SIDES if s in p.arms}
    task = (str(robot.model_path), p.base_body, dict(p.home), parts, marks, dict(p.imu), _sites(robot), str(folder))
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    # The library chooses its OpenGL when it is imported: without a display it must be told.
    before = os.environ.get("MUJOCO_GL")
    if before is None and sys.platform == "linux" and not os.environ.get("DISPLAY"):
        os.environ["MUJOCO_GL"] = "egl"
    try:
        process = context.Process(target=_draw_in_child, args=(theirs, task), daemon=True)
        process.start()
    finally:
        if before is None:
            os.environ.pop("MUJOCO_GL", None)
    theirs.close()
    try:
        answer = str(ours.recv()) if ours.poll(SECONDS) else f"{SECONDS:g} s"
    except EOFError:
        answer = "OpenGL"
    finally:
        ours.close()
        if process.is_alive():
            process.join(1.0)
        if process.is_alive():
            process.kill()
    return answer


def _sites(robot: RobotModel) -> list[tuple[str, str, tuple[float, ...], tuple[float, ...]]]:
    return [(name, s.body, s.pos, s.quat) for name, s in robot.profile.sites.items()]


def _draw_in_child(answer: Connection, task: tuple[object, ...]) -> None:
    try:
        _draw(*task)  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001 - whatever OpenGL says, the robot is added without pictures
        answer.send(" ".join(str(error).split())[:200] or type(error).__name__)
        return
    answer.send("")


def _draw(
    path: str,
    base: str,
    home: Mapping[str, float],
    parts: Mapping[str, tuple[str, ...]],
    marks: Mapping[str, tuple[str, tuple[float, float]]],
    imu: Mapping[str, str],
    sites: list[tuple[str, str, tuple[float, ...], tuple[float, ...]]],
    folder: str,
) -> None:
    spec = mujoco.MjSpec.from_file(path)
    for name, body, pos, quat in sites:
        spec.body(body).add_site(name=name, pos=pos, quat=quat)
    spec.visual.global_.offwidth, spec.visual.global_.offheight = WIDTH, HEIGHT
    spec.worldbody.add_light(pos=[1.0, 1.0, 3.0], dir=[-0.3, -0.3, -1.0], diffuse=[0.7, 0.7, 0.7])
    if not any(int(t.type) == int(mujoco.mjtTexture.mjTEXTURE_SKYBOX) for t in spec.textures):
        sky = spec.add_texture(name="picture_sky", type=mujoco.mjtTexture.mjTEXTURE_SKYBOX, width=64, height=64)
        sky.builtin = mujoco.mjtBuiltin.mjBUILTIN_FLAT
        sky.rgb1[:] = sky.rgb2[:] = _SKY
    model = spec.compile()
    data = mujoco.MjData(model)
    for name, value in home.items():
        data.qpos[int(model.joint(name).qposadr[0])] = value
    root = model.body(base).id
    at = int(model.jnt_qposadr[model.body_jntadr[root]])
    data.qpos[at : at + 7] = (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0)
    mujoco.mj_forward(model, data)
    model.geom_matid[:] = -1
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    low = min(float(data.site_xpos[model.site(m[0]).id, 2]) for k, m in marks.items() if k.endswith("sole"))
    top = float((data.geom_xpos[:, 2] + model.geom_rbound).max())
    middle = np.array([0.0, 0.0, (low + top) / 2])
    with mujoco.Renderer(model, HEIGHT, WIDTH) as renderer:
        for part, joints in parts.items():
            if joints or part == "base":
                _colour(model, _bodies(model, base, joints))
                _write(out / f"{part}.png", _view(renderer, data, middle, 1.35 * (top - low), _BODY_VIEW))
        _colour(model, set())
        for mark, (site, half) in marks.items():
            s = model.site(site).id
            place, turn = data.site_xpos[s], data.site_xmat[s]
            away = 0.55 * (top - low)
            angles = (
                _FOOT_VIEW
                if mark.endswith("sole")
                else (_PALM_VIEW[0] + (-35.0 if mark.startswith("left") else 35.0), _PALM_VIEW[1])
            )
            _write(out / f"{mark}.png", _view(renderer, data, place, away, angles, (place, turn, half)))
        if imu.get("gyro"):
            s = int(model.sensor_objid[model.sensor(imu["gyro"]).id])
            model.geom_rgba[:, 3] *= _VEIL
            spot = (data.site_xpos[s], data.site_xmat[s], (0.03, 0.02))
            _write(out / "imu.png", _view(renderer, data, data.site_xpos[s], 0.8 * (top - low), _BODY_VIEW, spot, through=True))


def _bodies(model: mujoco.MjModel, base: str, joints: tuple[str, ...]) -> set[int]:
    """Bodies that the joints move and that no other joint comes before: the base's own where there are none."""
    movers = {int(model.jnt_bodyid[model.joint(j).id]) for j in joints} or {int(model.body(base).id)}
    out = set()
    for b in range(1, model.nbody):
        k = b
        while k > 0 and model.body_dofnum[k] == 0:
            k = int(model.body_parentid[k])
        if k in movers:
            out.add(b)
    return out


def _colour(model: mujoco.MjModel, bodies: set[int]) -> None:
    for g in range(model.ngeom):
        model.geom_rgba[g] = _FOUND if int(model.geom_bodyid[g]) in bodies else _GREY


def _view(
    renderer: mujoco.Renderer,
    data: mujoco.MjData,
    at: Array,
    distance: float,
    angles: tuple[float, float],
    mark: tuple[Array, Array, tuple[float, float]] | None = None,
    through: bool = False,
) -> NDArray[np.uint8]:
    camera = mujoco.MjvCamera()
    camera.lookat[:] = at
    camera.distance = distance
    camera.azimuth, camera.elevation = angles
    option = mujoco.MjvOption()
    option.flags[mujoco.mjtVisFlag.mjVIS_TRANSPARENT] = through
    option.sitegroup[:] = 0
    # Everything that is drawn or touches: some robots have only the one, some only the other.
    option.geomgroup[:] = 1
    renderer.update_scene(data, camera, option)
    renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
    if mark is not None:
        place, turn, half = mark
        scene = renderer.scene
        normal = turn.reshape(3, 3)[:, 2]
        for kind, size, where in (
            (mujoco.mjtGeom.mjGEOM_BOX, [half[0], half[1], 0.012 if through else 0.003], place),
            (mujoco.mjtGeom.mjGEOM_SPHERE, [0.008, 0.0, 0.0], place + 0.05 * normal),
        ):
            if scene.ngeom < scene.maxgeom:
                mujoco.mjv_initGeom(
                    scene.geoms[scene.ngeom], int(kind), np.array(size), where, turn, np.array(_MARK, dtype=np.float32)
                )
                scene.ngeom += 1
    image: NDArray[np.uint8] = renderer.render()
    return image


def _write(path: Path, image: NDArray[np.uint8]) -> None:
    """A PNG of (h, w, 3) bytes."""
    h, w = image.shape[:2]
    rows = b"".join(b"\x00" + image[i].tobytes() for i in range(h))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b""))
