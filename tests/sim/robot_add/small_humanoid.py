"""A humanoid that nobody built, as URDF or MJCF: names of no meaning, facing along y, other joint orders, feet of capsules."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Body:
    """How the humanoid is made. ``size``: 1 is 1.2 m tall; ``density`` kg/m³.

    Args:
        forward: "x" or "y", the axis it faces along. ``hips``: order of its hip joints; ``ankles``: of its ankle joints.
        toes: A passive toe joint. ``bend``: sign of the joint position that bends a knee.
        incline: Angle of the hips' pitch axes from straight across, rad. ``knees_both``: Knees may turn either way.
        ankle_effort: Torque limit of the ankles, N·m at size 1.
        finger: A single finger that turns, beside each hand of an arm with a ``wrist``.
        looks_only: Nothing collides: all shapes are for looks.
        foot_above: On the right, the sole's shapes are on the ankle's first link, and the last has only looks.
    """

    size: float = 1.0
    density: float = 500.0
    forward: str = "y"
    hips: str = "prw"
    ankles: str = "rp"
    arm: str = "prwp"
    wrist: str = ""
    finger: bool = False
    toes: bool = False
    bend: float = -1.0
    legs: int = 2
    effort: bool = True
    ankle_effort: float = 45.0
    incline: float = 0.0
    knees_both: bool = False
    foot_above: bool = False
    looks_only: bool = False


def urdf(body: Body) -> str:
    """The URDF text. Links and joints are called a1, a2, ... in no order that means anything."""
    made = _Urdf(body)
    made.build()
    return made.text()


class _Urdf:
    def __init__(self, body: Body) -> None:
        self.body = body
        self.parts: list[str] = []
        self.count = 0

    def place(self, x: float, y: float, z: float) -> str:
        """A vector (ahead, left, up) in the file's axes."""
        s = self.body.size
        return f"{x * s} {y * s} {z * s}" if self.body.forward == "x" else f"{-y * s} {x * s} {z * s}"

    def axis(self, kind: str, sign: float = 1.0, incline: float = 0.0) -> str:
        """p: across, ``incline`` rad up from it; r: ahead, w: up."""
        x, y, z = {"p": (0.0, 1.0, 0.0), "r": (1.0, 0.0, 0.0), "w": (0.0, 0.0, 1.0)}[kind]
        if kind == "p":
            y, z = math.cos(incline), math.sin(incline)
        x, y, z = sign * x, sign * y, sign * z
        return f"{x} {y} {z}" if self.body.forward == "x" else f"{-y} {x} {z}"

    def link(
        self,
        shapes: list[tuple[tuple[float, float, float], tuple[float, float, float]]],
        tags: tuple[str, ...] = ("collision",),
        more: list[tuple[tuple[float, float, float], tuple[float, float, float]]] | None = None,
    ) -> str:
        """A link of boxes: (middle, half sizes) in (ahead, left, up); ``more``: boxes without mass."""
        self.count += 1
        tags = ("visual",) if self.body.looks_only else tags
        name, s = f"a{self.count}", self.body.size
        out, mass = [], 0.0
        for at, half in shapes:
            size = self.place(2 * half[0], 2 * half[1], 2 * half[2]).replace("-", "")
            out += [f'<{t}><origin xyz="{self.place(*at)}"/><geometry><box size="{size}"/></geometry></{t}>' for t in tags]
            mass += 8 * half[0] * half[1] * half[2] * s**3 * self.body.density
        for at, half in more or []:
            size = self.place(2 * half[0], 2 * half[1], 2 * half[2]).replace("-", "")
            out.append(f'<collision><origin xyz="{self.place(*at)}"/><geometry><box size="{size}"/></geometry></collision>')
        mass = max(mass, 0.12 * s**3)
        at, half = shapes[0]
        inertia = " ".join(
            f'i{k}{k}="{max(mass * s * s * ((2 * half[i]) ** 2 + (2 * half[j]) ** 2) / 12, 1e-6):.3g}"'
            for k, (i, j) in zip(
                "xyz", ((1, 2), (0, 2), (0, 1)) if self.body.forward == "x" else ((0, 2), (1, 2), (0, 1)), strict=True
            )
        )
        self.parts.append(
            f'<link name="{name}"><inertial><origin xyz="{self.place(*at)}"/><mass value="{mass:.4g}"/>'
            f'<inertia {inertia} ixy="0" ixz="0" iyz="0"/></inertial>{"".join(out)}</link>'
        )
        return name

    def joint(
        self, parent: str, child: str, at: tuple[float, float, float], axis: str, low: float, high: float, effort: float
    ) -> None:
        limit = f'<limit lower="{low}" upper="{high}" effort="{effort * self.body.size**4 if self.body.effort else 0}" velocity="15"/>'
        self.parts.append(
            f'<joint name="j{len(self.parts)}" type="revolute"><parent link="{parent}"/><child link="{child}"/>'
            f'<origin xyz="{self.place(*at)}"/><axis xyz="{axis}"/>{limit}</joint>'
        )

    def chain(
        self,
        parent: str,
        at: tuple[float, float, float],
        kinds: str,
        ranges: dict[str, tuple[float, float]],
        effort: float,
        incline: float = 0.0,
        more: list[tuple[tuple[float, float, float], tuple[float, float, float]]] | None = None,
    ) -> str:
        """Joints at one point; the last link is left to the caller: returns the parent for it."""
        for kind in kinds[:-1]:
            small = self.link([((0.0, 0.0, 0.0), (0.02, 0.02, 0.02))], more=more)
            self.joint(parent, small, at, self.axis(kind, incline=incline), *ranges[kind], effort)
            parent, at = small, (0.0, 0.0, 0.0)
        return parent

    def build(self) -> None:
        """Pelvis with legs, chest with arms on it, a head."""
        b = self.body
        pelvis = self.link([((0.0, 0.0, 0.03), (0.06, 0.10, 0.05)), ((0.0, 0.0, 0.25), (0.07, 0.11, 0.17))])
        for n, sign in enumerate((1.0, -1.0)[: b.legs]):
            del n
            self.leg(pelvis, sign)
        if b.legs == 4:
            self.leg(pelvis, 1.0, -0.4)
            self.leg(pelvis, -1.0, -0.4)
        for sign in (1.0, -1.0):
            self.arm(pelvis, sign)
        head = self.link([((0.0, 0.0, 0.08), (0.05, 0.05, 0.07))])
        self.joint(pelvis, head, (0.0, 0.0, 0.44), self.axis("w"), -1.0, 1.0, 4.0)

    def leg(self, pelvis: str, sign: float, ahead: float = 0.0) -> None:
        b = self.body
        hip = {"p": (-1.9, 1.2), "r": (-0.6, 0.6), "w": (-0.7, 0.7)}
        thigh = self.link([((0.0, 0.0, -0.13), (0.04, 0.035, 0.10))])
        above = self.chain(pelvis, (ahead, sign * 0.085, -0.03), b.hips, hip, 80.0, sign * b.incline)
        alone = len(b.hips) == 1
        self.joint(
            above, thigh, (ahead, sign * 0.085, -0.03) if alone else (0, 0, 0), self.axis(b.hips[-1]), *hip[b.hips[-1]], 80.0
        )
        shank = self.link([((0.0, 0.0, -0.12), (0.03, 0.03, 0.09))])
        low, high = (-2.2, 2.2) if b.knees_both else (0.0, 2.2) if b.bend > 0 else (-2.2, 0.0)
        self.joint(
            thigh, shank, (0.0, 0.0, -0.28), self.axis("p", b.bend * b.bend if b.bend > 0 else -1.0), low * 1.0, high * 1.0, 110.0
        )
        foot_shapes = [((0.03, 0.025, -0.05), (0.09, 0.012, 0.012)), ((0.03, -0.025, -0.05), (0.09, 0.012, 0.012))]
        misplaced = b.foot_above and sign < 0
        foot = self.link(foot_shapes, ("visual",) if misplaced else ("collision",))
        ankle = {"p": (-0.9, 0.7), "r": (-0.4, 0.4)}
        above = self.chain(shank, (0.0, 0.0, -0.27), b.ankles, ankle, b.ankle_effort, more=foot_shapes if misplaced else None)
        self.joint(
            above,
            foot,
            (0.0, 0.0, -0.27) if len(b.ankles) == 1 else (0, 0, 0),
            self.axis(b.ankles[-1]),
            *ankle[b.ankles[-1]],
            b.ankle_effort,
        )
        if b.toes:
            toe = self.link([((0.02, 0.0, -0.012), (0.02, 0.035, 0.010))])
            self.joint(foot, toe, (0.12, 0.0, -0.04), self.axis("p"), -0.5, 0.5, 5.0)

    def arm(self, pelvis: str, sign: float) -> None:
        b = self.body
        aside = (-0.26, 1.9) if sign > 0 else (-1.9, 0.26)
        ranges = {"p": (-2.9, 2.9), "r": aside if b.wrist else (-1.8, 1.8), "w": (-1.8, 1.8)}
        upper = self.link([((0.0, 0.0, -0.10), (0.025, 0.025, 0.08))])
        above = self.chain(pelvis, (0.0, sign * 0.17, 0.38), b.arm[:3], ranges, 20.0)
        self.joint(above, upper, (0.0, 0.0, 0.0), self.axis(b.arm[2]), *ranges[b.arm[2]], 20.0)
        forearm = ((0.0, 0.0, -0.10), (0.02, 0.02, 0.08))
        hand = ((0.0, 0.0, -0.21), (0.025, 0.012, 0.035))
        lower = self.link([forearm] if b.wrist else [forearm, hand])
        self.joint(upper, lower, (0.0, 0.0, -0.21), self.axis(b.arm[3]), -2.2, 0.1, 20.0)
        if b.wrist:
            turns = {"p": (-0.87, 1.3), "r": (-1.2, 1.2), "w": (-1.8, 1.8)}
            above = self.chain(lower, (0.0, 0.0, -0.19), b.wrist, turns, 5.0)
            palm = self.link([((0.0, 0.0, -0.03), (0.025, 0.012, 0.03))])
            self.joint(above, palm, (0.0, 0.0, 0.0), self.axis(b.wrist[-1]), *turns[b.wrist[-1]], 5.0)
            if b.finger:
                finger = self.link([((0.0, 0.0, -0.03), (0.006, 0.006, 0.03))])
                self.joint(palm, finger, (0.04, 0.0, -0.04), self.axis("p", -1.0), 0.0, 0.8, 2.0)

    def text(self) -> str:
        """The file."""
        return f'<?xml version="1.0"?>\n<robot name="nobody">{"".join(self.parts)}</robot>\n'
