"""Joint torques against the profile's limits; beyond 85 % of a limit the reserve is small.

What counts is the torque the drive was asked for, where the recording holds it, else what it delivered. Both are cut off at the
limit, so a torque that stays at the limit means that more was needed: that is the failure.
"""

from __future__ import annotations

from sim.preflight.evidence import Evidence, Outcome
from sim.preflight.joint_ratio import joint_ratio

WANTED = 0.85
AT_LIMIT = 0.999


def check(evidence: Evidence) -> Outcome:
    """Torque that a joint is asked for during a hundredth of a second, against its limit."""
    asked = "joint.torque_command" in evidence.recording.series
    channel = "joint.torque_command" if asked else "joint.torque"
    limits = dict(evidence.robot.profile.torque_limits)
    return joint_ratio(
        evidence, "joint_torque", channel, limits, "N·m", "N", "lighter_or_slower", wanted=WANTED, allowed=AT_LIMIT
    )
