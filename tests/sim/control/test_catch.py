"""A standing robot that is pushed from the side stays on its feet: the foot that carries cannot step, so the other one steps first."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rollout import Execution
from sim.scene import build_scene
from tests.sim.examples import h140

#: 30 N·s: 0.6 m/s for 50 kg.
IMPULSE, SECONDS = 30.0, 0.1


@pytest.mark.slow
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_push_from_the_side_while_standing_is_caught_with_steps(side: float) -> None:
    run = Execution(build_scene(None, h140()), seed=1)
    while run.time < 1.0:
        run.step()
    run.push(np.array([0.0, side * IMPULSE / SECONDS, 0.0]), SECONDS)
    first, caught = -1, False
    walking = run.controller.loop.walking
    while run.time < 5.0 and not run.fallen:
        run.step()
        caught = caught or walking.catching
        if first < 0 and walking.phase == "single":
            first = walking.swing_side
    assert not run.fallen and run.controller.fall.since is None
    # The left foot is 0: pushed to the left the right one is free, and the other way round.
    assert caught and first == (1 if side > 0 else 0)
    assert walking.standing and not walking.catching
    assert walking.steps_taken >= 2
