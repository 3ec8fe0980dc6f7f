"""The quickest way among obstacles for a body with a front: a search over places and headings, compiled.

A state is a node of a square grid and one of sixteen headings. From it the body goes forwards or backwards along its heading,
sideways across it, or turns on the spot by one heading; it fits where its outline keeps off everything.
"""

from __future__ import annotations

import heapq
import math

import numba
import numpy as np
from numpy.typing import NDArray

from sim.control.outline import fits, gap

Array = NDArray[np.float64]
Cells = NDArray[np.int64]

#: Edge of the grid, m.
GRID = 0.05
#: The sixteen headings as steps on the grid: straight, diagonal, and between them.
STEPS: Cells = np.array(
    [
        *[(1, 0), (2, 1), (1, 1), (1, 2), (0, 1), (-1, 2), (-1, 1), (-2, 1)],
        *[(-1, 0), (-2, -1), (-1, -1), (-1, -2), (0, -1), (1, -2), (1, -1), (2, -1)],
    ],
    dtype=np.int64,
)
HEADINGS: Array = np.arctan2(STEPS[:, 1], STEPS[:, 0])
#: Between walking and stepping sideways or backwards the feet come to rest, s.
CHANGE = 1.0
#: Slower where the arms must be held in, and in areas of people: factors on the time.
TIGHT, AMONG_PEOPLE = 1.4, 6.0
FORWARD, SIDEWAYS, BACKWARD, TURN = 0, 1, 2, 3


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def search(
    obstacles: Array,
    areas: Array,
    tight: Array,
    wide: Array,
    margin: float,
    low: Array,
    shape: tuple[int, int],
    start: tuple[int, int, int],
    goal: tuple[int, int, int],
    steps: Cells,
    headings: Array,
    speeds: Array,
    grid: float,
) -> tuple[Cells, Cells]:
    """A* from ``start`` to ``goal`` (column, row, heading).

    Args:
        obstacles, areas: Rows as of ``FloorPlan.array``. tight, wide: (k, 3) points of outlines with arms held in and hanging.
        low: (2,) the grid's corner, m, world. shape: columns and rows.
        speeds: forwards, sideways, backwards m/s, and turning rad/s.

    Returns:
        States (n, 3) along the way with the moves (n,) that led to them (-1 at the start); no state where there is no way: then
        the second is (3,) of the state reached that comes nearest the goal.
    """
    nx, ny, nh = shape[0], shape[1], headings.shape[0]
    total = nx * ny * nh
    cost = np.full(total, 1e30)
    came = np.full(total, -1, dtype=np.int64)
    move = np.full(total, -1, dtype=np.int64)
    room = np.full(total, -1, dtype=np.int64)
    closed = np.zeros(total, dtype=np.bool_)
    r_tight = np.sqrt((tight[:, 0] ** 2 + tight[:, 1] ** 2).max())
    r_wide = np.sqrt((wide[:, 0] ** 2 + wide[:, 1] ** 2).max())
    first = (start[0] * ny + start[1]) * nh + start[2]
    last = (goal[0] * ny + goal[1]) * nh + goal[2]
    cost[first] = 0.0
    heap = [(0.0, first)]
    nearest, near = first, 1e30
    while len(heap) > 0:
        _, at = heapq.heappop(heap)
        if closed[at]:
            continue
        closed[at] = True
        h = at % nh
        j = (at // nh) % ny
        i = at // (nh * ny)
        away = np.hypot(i - goal[0], j - goal[1])
        if away < near:
            near, nearest = away, at
        if at == last:
            break
        for kind in range(8):
            what = FORWARD
            di, dj, nk = steps[h, 0], steps[h, 1], h
            if kind == 1:
                what, di, dj = BACKWARD, -di, -dj
            elif kind == 2 or kind == 3:
                what, k = SIDEWAYS, (h + (4 if kind == 2 else 12)) % nh
                di, dj = steps[k, 0], steps[k, 1]
            elif kind == 4 or kind == 5:
                what, nk = TURN, (h + (1 if kind == 4 else nh - 1)) % nh
                di, dj = 0, 0
            elif kind > 5:
                break
            ni, nj = i + di, j + dj
            if ni < 0 or nj < 0 or ni >= nx or nj >= ny:
                continue
            to = (ni * ny + nj) * nh + nk
            if closed[to]:
                continue
            x, y = low[0] + ni * grid, low[1] + nj * grid
            if room[to] < 0:
                if fits(obstacles, wide, r_wide, margin, x, y, headings[nk]):
                    room[to] = 2
                else:
                    room[to] = 1 if fits(obstacles, tight, r_tight, margin, x, y, headings[nk]) else 0
                if room[to] > 0 and gap(areas, x, y, 0.0) <= 0.0:
                    room[to] += 2
            if room[to] == 0:
                continue
            if what == TURN:
                time = abs((headings[nk] - headings[h] + np.pi) % (2 * np.pi) - np.pi) / speeds[3]
            else:
                time = np.hypot(di, dj) * grid / speeds[what]
            if room[to] == 1 or room[to] == 3:
                time *= TIGHT
            before = move[at]
            # Forwards and turns, the first and the last kind, go over into each other.
            if before >= 0 and before != what and not (before % TURN == 0 and what % TURN == 0):
                time += CHANGE
            if room[to] > 2:
                time *= AMONG_PEOPLE
            new = cost[at] + time
            if new < cost[to] - 1e-9:
                cost[to], came[to], move[to] = new, at, what
                heapq.heappush(heap, (new + np.hypot(ni - goal[0], nj - goal[1]) * grid / speeds[0], to))
    if not closed[last]:
        where = np.array([nearest // (nh * ny), (nearest // nh) % ny, nearest % nh])
        return np.zeros((0, 3), dtype=np.int64), where
    chain = [last]
    while came[chain[-1]] >= 0:
        chain.append(came[chain[-1]])
    n = len(chain)
    states, moves = np.empty((n, 3), dtype=np.int64), np.empty(n, dtype=np.int64)
    for k in range(n):
        at = chain[n - 1 - k]
        states[k, 0], states[k, 1], states[k, 2] = at // (nh * ny), (at // nh) % ny, at % nh
        moves[k] = move[at]
    return states, moves


def heading_of(yaw: float) -> int:
    """Number of the heading nearest to a yaw, rad."""
    return int(np.argmax(np.cos(HEADINGS - yaw)))


def turned(a: float, b: float) -> float:
    """Angle from one yaw to another, rad, -pi to pi."""
    return (b - a + math.pi) % (2 * math.pi) - math.pi
