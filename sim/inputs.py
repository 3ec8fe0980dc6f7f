"""Inputs: what a cell tells the robot by wire."""

from __future__ import annotations

import mujoco

from sim.scene import Scene


class CellInputs:
    """What a scene's cell tells the robot by wire: the contacts of its buttons."""

    def __init__(self, scene: Scene, latency: float) -> None:
        buttons = scene.cell.buttons.values() if scene.cell is not None else ()
        self._latency = latency
        self._told = [(b.signal, int(scene.model.joint(f"device/{b.id}").qposadr[0]), b.switch_at) for b in buttons if b.signal]
        self._now: dict[str, bool] = {name: False for name, _, _ in self._told}
        self._pending: list[tuple[float, str, bool]] = []
        self._last = dict(self._now)

    def read(self, data: mujoco.MjData) -> dict[str, bool]:
        """The inputs as they have arrived, by name."""
        if not self._told:
            return {}
        now = float(data.time)
        for name, address, switch_at in self._told:
            on = bool(data.qpos[address] >= switch_at)
            if on != self._last[name]:
                self._last[name] = on
                self._pending.append((now + self._latency, name, on))
        while self._pending and self._pending[0][0] <= now + 1e-9:
            _, name, on = self._pending.pop(0)
            self._now = {**self._now, name: on}
        return self._now
