"""Robots by id, by folder and by model file; and a robot of which the joints' names are enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import SimError
from workbench.project.project import find_robot

#: A shipped profile whose model the user brings.
PROFILE, MODEL = "unitree_g1", "g1_29dof.xml"


def test_joint_names_are_known_without_the_model(tmp_path: Path) -> None:
    robot = find_robot(PROFILE, tmp_path, model_needed=False)
    assert len(robot.joint_names) == 29
    with pytest.raises(SimError, match=r"robot\.model_missing"):
        find_robot(PROFILE, tmp_path)


@pytest.mark.parametrize("given", [".", MODEL])
def test_a_model_by_file_or_folder_finds_the_shipped_profile(tmp_path: Path, given: str) -> None:
    (tmp_path / MODEL).write_text("<mujoco/>", encoding="utf-8")
    robot = find_robot(str(tmp_path / given), tmp_path)
    assert robot.id == PROFILE
    assert robot.model_path == (tmp_path / MODEL).resolve()
