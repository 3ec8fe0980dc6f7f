"""Joint velocities against the profile's limits; beyond 90 % of a limit the reserve is small."""

from __future__ import annotations

from sim.preflight.evidence import Evidence, Outcome
from sim.preflight.joint_ratio import joint_ratio

WANTED = 0.90


def check(evidence: Evidence) -> Outcome:
    """Velocity that a joint keeps for a hundredth of a second, against its limit."""
    limits = dict(evidence.robot.profile.velocity_limits)
    return joint_ratio(evidence, "joint_velocity", "joint.velocity", limits, "rad/s", "m/s", "slower", wanted=WANTED)
