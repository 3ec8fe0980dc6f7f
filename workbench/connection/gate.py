"""The gate to a robot: nothing but a VerifiedMotion for this robot and this cell passes."""

from __future__ import annotations

from typing import Any

from sim.preflight.verified import VerifiedMotion, to_data
from workbench.connection.connection import RobotInfo
from workbench.errors import WorkbenchError


def pass_gate(verified: object, info: RobotInfo) -> dict[str, Any]:
    """What may be sent to the robot.

    Raises:
        WorkbenchError: ``gate.not_verified``, ``gate.wrong_robot``, ``gate.wrong_cell`` or ``gate.watch_only``.
    """
    if not isinstance(verified, VerifiedMotion):
        raise WorkbenchError("gate.not_verified")
    motion = verified.motion
    if motion.robot_hash != info.robot_hash:
        raise WorkbenchError("gate.wrong_robot", plan=motion.robot_id, robot=info.robot_id, name=info.name)
    if motion.cell_hash != info.cell_hash:
        raise WorkbenchError("gate.wrong_cell", plan=motion.cell_id, cell=info.cell_id, name=info.name)
    if not info.control:
        raise WorkbenchError("gate.watch_only", name=info.name)
    return to_data(verified)
