"""A live simulation in its own process: it obeys, loses nothing it must not lose, and its death is noticed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.live.host import LiveSimulation
from sim.live.messages import Pause, Push, Reset, Run, SetSpeed, Setup, Step
from sim.robot import load_robot

ROBOT = Path(__file__).resolve().parents[2] / "resources" / "robots" / "h140"


def until(condition: Callable[[], bool], what: str, timeout: float = 60.0) -> None:
    end = time.monotonic() + timeout
    waiter = threading.Event()
    while not condition():
        assert time.monotonic() < end, f"never came: {what}"
        waiter.wait(0.005)


@pytest.fixture(scope="module")
def live() -> Iterator[LiveSimulation]:
    simulation = LiveSimulation(Setup(load_robot(ROBOT), None, seed=3))
    until(lambda: simulation.snapshot is not None, "the first state")
    yield simulation
    simulation.close()
    assert not simulation.process.is_alive()


def test_it_steps_runs_pauses_and_resets(live: LiveSimulation) -> None:
    state = live.state
    assert state is not None and not state.running and state.time == 0.0
    live.send(Step(5))
    until(lambda: live.state is not None and live.state.time == pytest.approx(0.02), "five control periods")
    live.drain()
    live.send(Run())
    until(lambda: live.state is not None and live.state.time > 0.3, "running")
    live.send(Pause())
    until(lambda: live.state is not None and not live.state.running, "pause")
    paused = live.state
    assert paused is not None
    parts: list[NDArray[np.float64]] = []

    def enough() -> bool:
        parts.extend(s.t for name, s in live.drain().items() if name == "joint.position")
        return sum(map(len, parts)) > 25

    until(enough, "samples")
    t = np.concatenate(parts)
    np.testing.assert_allclose(np.diff(t), np.diff(t)[0], atol=1e-9)  # nothing lost, nothing twice
    live.send(Reset())
    until(lambda: any(e.code == "event.reset" for e in live.take_events()), "the reset")
    until(lambda: live.state is not None and live.state.time == 0.0, "time zero")
    assert live.drain() == {}


def test_a_push_is_an_event_and_moves_the_robot(live: LiveSimulation) -> None:
    live.send(SetSpeed(99.0))
    live.send(Run())
    until(lambda: live.state is not None and live.state.time > 0.2, "running")
    live.send(Push((0.0, 60.0, 0.0)))
    until(lambda: any(e.code == "event.push" for e in live.take_events()), "the push")
    state = live.state
    assert state is not None and state.speed == 10.0
    live.send(Pause())


def dies(connection: Connection, setup: Setup) -> None:
    connection.recv()
    os._exit(7)


def test_its_death_is_noticed() -> None:
    simulation = LiveSimulation(Setup(load_robot(ROBOT), None), target=dies)
    simulation.send(Run())
    until(lambda: not simulation.alive, "the end")
    failures = simulation.take_failures()
    assert [f.code for f in failures] == ["live.died"] and failures[0].fatal
    simulation.send(Run())  # asking the dead harms nobody
    simulation.close()
