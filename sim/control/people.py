"""People in the way: who stands or will stand too near to where the robot is about to be. Knows sightings only."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sim.people import PersonSighting
from sim.transforms import Pose2

#: A person's half width, and how far from it the robot keeps, m.
PERSON, APART = 0.25, 0.40
#: Who walks round somebody keeps this much farther off, m, so that he does not stop for him again.
ROUND = 0.20
#: A person's way is thought on in a straight line this far, s.
FORESIGHT = 1.2
#: Sightings older than this are forgotten, s.
MEMORY = 2.0
#: Slower than this one stands, m/s.
STANDING = 0.3
#: Velocities are smoothed over this time, s; and none faster than a run is believed, m/s.
SMOOTHING, FASTEST = 0.6, 2.5


@dataclass(frozen=True, slots=True)
class Track:
    """A person followed over sightings: when last seen (s), place and velocity (m, m/s, world)."""

    time: float
    x: float
    y: float
    vx: float = 0.0
    vy: float = 0.0

    @property
    def stands(self) -> bool:
        """Too slow for what the detector can tell from standing."""
        return math.hypot(self.vx, self.vy) < STANDING

    def at(self, time: float) -> tuple[float, float]:
        """Where the person is at a time, thought on in a straight line."""
        ahead = 0.0 if self.stands else min(max(time - self.time, 0.0), FORESIGHT + 0.5)
        return self.x + ahead * self.vx, self.y + ahead * self.vy


class Crowd:
    """Follows everybody that the detector reports."""

    def __init__(self) -> None:
        self._tracks: dict[str, Track] = {}

    def update(self, seen: Mapping[str, PersonSighting], now: float) -> None:
        """Take in the newest sightings; forget old ones."""
        for name, sighting in seen.items():
            old = self._tracks.get(name)
            if old is None or sighting.time > old.time:
                self._tracks[name] = _followed(old, sighting)
        self._tracks = {name: t for name, t in self._tracks.items() if now - t.time < MEMORY}

    def standing(self, here: Pose2, radius: float) -> list[tuple[float, float, float]]:
        """Who stands: x, y and how far about him the floor is kept free, m; less about one to whom a robot of ``radius`` m is nearer."""
        out = []
        for t in self._tracks.values():
            if t.stands:
                room = math.hypot(t.x - here.x, t.y - here.y) - radius - 0.05
                out.append((t.x, t.y, max(min(PERSON + APART + ROUND, room), PERSON)))
        return out

    def in_way(self, poses: Iterable[Pose2], radius: float, now: float, more: float = 0.0) -> str:
        """Who is, or will soon be, nearer than ``APART`` to a robot of ``radius`` m at any of the poses; "" if nobody.

        ``more``: this much farther than that, m: who has stopped for somebody waits until there is a little more room.
        """
        near = radius + PERSON + APART + more
        places = list(poses)
        for name, track in self._tracks.items():
            for later in (0.0, 0.4, 0.8, FORESIGHT):
                x, y = track.at(now + later)
                if any(math.hypot(p.x - x, p.y - y) < near for p in places):
                    return name
        return ""

    def place_of(self, name: str, now: float) -> tuple[float, float]:
        """Where somebody is now."""
        return self._tracks[name].at(now)


def _followed(old: Track | None, sighting: PersonSighting) -> Track:
    x, y = (float(v) for v in sighting.position)
    if old is None or sighting.time - old.time > 1.0:
        return Track(sighting.time, x, y)
    passed = max(sighting.time - old.time, 1e-3)
    px, py = old.x + old.vx * passed, old.y + old.vy * passed
    # Fixed-gain filter of place and velocity: white noise of the place is worth a tenth of a metre a second.
    keep = min(passed / SMOOTHING, 1.0)
    place = 0.5
    vx, vy = old.vx + 0.5 * keep * (x - px) / passed, old.vy + 0.5 * keep * (y - py) / passed
    speed = math.hypot(vx, vy)
    shrink = min(FASTEST / speed, 1.0) if speed > 0.0 else 1.0
    return Track(sighting.time, px + place * (x - px), py + place * (y - py), shrink * vx, shrink * vy)


def ahead_of(poses: Sequence[Pose2], here: Pose2, distance: float) -> list[Pose2]:
    """The part of a way, from its pose nearest to ``here``, over the next ``distance`` m; with ``here`` itself."""
    if not poses:
        return [here]
    nearest = min(range(len(poses)), key=lambda i: poses[i].distance(here))
    out, left = [here], distance
    for a, b in zip(poses[nearest:], poses[nearest + 1 :], strict=False):
        left -= a.distance(b)
        if left < 0.0:
            break
        out.append(b)
    return out
