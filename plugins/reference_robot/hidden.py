"""What is true of this robot and of its cell, and not in any model: drawn from a seed nobody else knows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scene import Scene
from sim.sensors import DEFAULT, Reading, SensorNoise, Sensors
from sim.variation import Variation, draw_variation

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Hidden:
    """The true parameters.

    Args:
        variation: masses, centres, joint losses, floor, where the workpieces stand.
        motor: (n,) torque delivered for torque asked, per joint.
        encoder_bias: (n,) rad, what each encoder reads too much.
        delay: of the drives, s.
        noise: of the sensors.
    """

    variation: Variation
    motor: Array
    encoder_bias: Array
    delay: float
    noise: SensorNoise


def draw_hidden(seed: int, joints: int) -> Hidden:
    """The parameters of one robot; the same seed is the same robot."""
    random = np.random.default_rng([seed, 0x4F])
    variation = draw_variation(
        seed + 1,
        mass=0.04,
        com=0.003,
        joint_friction=0.4,
        damping=0.4,
        floor_friction=0.1,
        object_xy=0.012,
        object_yaw=0.02,
        object_mass=0.05,
    )
    return Hidden(
        variation=variation,
        motor=1.0 + 0.015 * random.uniform(-1.0, 1.0, joints),
        encoder_bias=0.001 * random.uniform(-1.0, 1.0, joints),
        delay=0.002,
        noise=replace(DEFAULT, joint_position=3e-4, joint_velocity=0.015, gyro=0.008, accel=0.08, foot_force=2.0),
    )


class BiasedSensors(Sensors):
    """Sensors whose encoders are off by a constant each."""

    def __init__(self, scene: Scene, hidden: Hidden, seed: int) -> None:
        super().__init__(scene, hidden.noise, seed)
        self._bias = hidden.encoder_bias

    def read(self, data: Any, foot_load: Array) -> Reading:
        """One reading."""
        reading = super().read(data, foot_load)
        return replace(reading, q=reading.q + self._bias)


def weaken_motors(scene: Scene, hidden: Hidden) -> None:
    """Give the plant its true motors. Call once, after the drives have read the nominal gains from the scene.

    The drives go on working out the control with the nominal gains; the actuators of the plant answer with others.
    """
    model, ids = scene.model, scene.actuator_ids
    model.actuator_gainprm[ids, 0] *= hidden.motor
    model.actuator_biasprm[ids, 1:3] *= hidden.motor[:, None]
