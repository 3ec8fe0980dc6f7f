"""Writes the MJCF, the meshes and the profile of H140 from ``body_plan`` and ``shells``.

Run ``python packaging/h140/generate.py [FOLDER]``; without a folder it writes ``resources/robots/h140``.

Deterministic: the same sources give the same bytes, which a test compares with the committed files.
"""

from __future__ import annotations

import sys
from pathlib import Path

from body_plan import NEIGHBOURS, TRUNK_NEIGHBOURS, Body, Collision, bodies, joint_name
from inertia import mass_properties
from robot_profile import profile_toml
from shapes import obj_text
from shells import MATERIALS, Design, design

OUT = Path(__file__).resolve().parents[2] / "resources" / "robots" / "h140"

HEAD = """<!-- Written by packaging/h140/generate.py; edit packaging/h140/body_plan.py instead. README.md explains. -->
<mujoco model="h140">
  <compiler angle="radian" meshdir="meshes"/>
  <option timestep="0.002" integrator="implicitfast" solver="Newton" cone="elliptic" impratio="10"/>
  <default>
    <mesh inertia="shell"/>
    <default class="visual">
      <geom type="mesh" contype="0" conaffinity="0" group="2" density="0"/>
    </default>
    <default class="collision">
      <geom group="3" rgba="0.55 0.6 0.66 1" condim="4" friction="0.7 0.005 0.0001"/>
    </default>
    <default class="pad">
      <geom group="3" rgba="0.22 0.26 0.3 1" condim="4" friction="1.2 0.02 0.0005" solref="0.01 1"/>
    </default>
  </default>
"""


def numbers(values: object) -> str:
    """Numbers for an attribute: short, and the same on every machine."""
    return " ".join(f"{float(v) + 0.0:.6g}" for v in values)  # type: ignore[attr-defined]


def collision_xml(shape: Collision) -> str:
    """One collision geom."""
    place = f'fromto="{numbers(shape.ends)}"' if shape.ends else f'pos="{numbers(shape.position)}"'
    return (
        f'<geom name="{shape.name}" class="{shape.surface}" type="{shape.kind}" size="{numbers(shape.size)}" '
        f'{place} friction="{numbers(shape.friction)}"/>'
    )


def body_xml(body: Body, children: dict[str, list[Body]], clothes: Design, depth: int) -> list[str]:
    """A body with everything below it."""
    pad = "  " * depth
    centre, inertia = mass_properties(body)
    full = (inertia[0, 0], inertia[1, 1], inertia[2, 2], inertia[0, 1], inertia[0, 2], inertia[1, 2])
    lines = [f'{pad}<body name="{body.name}" pos="{numbers(body.offset)}">']
    joint = body.joint
    if joint is None:
        lines.append(f'{pad}  <freejoint name="root"/>')
    else:
        lines.append(
            f'{pad}  <joint name="{joint_name(body.name)}" type="{joint.kind}" axis="{numbers(joint.axis)}" '
            f'range="{numbers(joint.range)}" armature="{joint.armature:g}" damping="{joint.damping:g}" '
            f'frictionloss="{joint.friction:g}" actuatorfrcrange="{-joint.torque:g} {joint.torque:g}"/>'
        )
    lines.append(f'{pad}  <inertial pos="{numbers(centre)}" mass="{body.mass:g}" fullinertia="{numbers(full)}"/>')
    for material in clothes.get(body.name, {}):
        mesh = f"{body.name}_{material}"
        lines.append(f'{pad}  <geom name="{mesh}" class="visual" mesh="{mesh}" material="{material}"/>')
    lines += [f"{pad}  {collision_xml(shape)}" for shape in body.collisions]
    lines += [f"{pad}  {line}" for line in body.extra]
    for child in children.get(body.name, []):
        lines += body_xml(child, children, clothes, depth + 1)
    lines.append(f"{pad}</body>")
    return lines


def model_xml(clothes: Design) -> str:
    """The whole MJCF as text."""
    plan = bodies()
    children: dict[str, list[Body]] = {}
    for body in plan:
        children.setdefault(body.parent, []).append(body)
    lines = [HEAD.rstrip("\n"), "  <asset>"]
    for name, (rgba, shine) in MATERIALS.items():
        lines.append(f'    <material name="{name}" rgba="{rgba}" specular="{shine:g}" shininess="{shine:g}"/>')
    meshes = [f"{body.name}_{material}" for body in plan for material in clothes.get(body.name, {})]
    lines += [f'    <mesh name="{name}" file="{name}.obj"/>' for name in meshes]
    lines += ["  </asset>", "  <worldbody>"]
    lines += body_xml(plan[0], children, clothes, 2)
    lines += ["  </worldbody>", "  <contact>"]
    pairs = [tuple(name.format(side=side) for name in pair) for side in ("left", "right") for pair in NEIGHBOURS]
    for first, second in [*pairs, *TRUNK_NEIGHBOURS]:
        lines.append(f'    <exclude body1="{first}" body2="{second}"/>')
    lines += ["  </contact>", "  <actuator>"]
    moving = [(joint_name(body.name), body.joint) for body in plan if body.joint is not None]
    for name, joint in moving:
        # No ctrlrange: a controller asks for a torque by commanding beyond the joint's range; forcerange is the true limit.
        lines.append(
            f'    <position name="{name}" joint="{name}" kp="{joint.kp:g}" kv="{joint.kv:g}" '
            f'forcerange="{-joint.torque:g} {joint.torque:g}"/>'
        )
    lines += ["  </actuator>", "  <sensor>"]
    lines += [
        '    <gyro name="imu_gyro" site="imu"/>',
        '    <accelerometer name="imu_accel" site="imu"/>',
        '    <framequat name="imu_quat" objtype="site" objname="imu"/>',
    ]
    for side in ("left", "right"):
        lines += [
            f'    <force name="{side}_foot_force" site="{side}_foot_force"/>',
            f'    <torque name="{side}_foot_torque" site="{side}_foot_force"/>',
            f'    <touch name="{side}_foot_touch" site="{side}_foot_touch"/>',
        ]
    for name, _ in moving:
        lines.append(f'    <jointpos name="{name}_pos" joint="{name}"/>')
        lines.append(f'    <jointvel name="{name}_vel" joint="{name}"/>')
        lines.append(f'    <jointactuatorfrc name="{name}_force" joint="{name}"/>')
    lines += ["  </sensor>", "</mujoco>", ""]
    return "\n".join(lines)


def write(folder: Path) -> None:
    """Write everything into ``folder``."""
    clothes = design()
    meshes = folder / "meshes"
    meshes.mkdir(parents=True, exist_ok=True)
    for body, parts in clothes.items():
        for material, surface in parts.items():
            name = f"{body}_{material}"
            (meshes / f"{name}.obj").write_text(obj_text(surface, name), encoding="utf-8", newline="\n")
    (folder / "h140.xml").write_text(model_xml(clothes), encoding="utf-8", newline="\n")
    (folder / "profile.toml").write_text(profile_toml(bodies()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
