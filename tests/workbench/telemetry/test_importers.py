"""Logs of other programs become recordings; what is wrong with them is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from sim.replay import replay
from sim.robot import RobotModel, load_robot
from workbench.comparison.compare import compare, compare_commands
from workbench.errors import WorkbenchError
from workbench.telemetry.importers import import_log
from workbench.telemetry.importers.names import log_names
from workbench.telemetry.problems import parse_problem

ROOT = Path(__file__).resolve().parents[3]
NAMES = ["elbow_log", "knee_log", "thumb"]


def episode(folder: Path, gap: bool = False) -> Path:
    t = np.arange(90) / 30.0
    if gap:
        t[45:] += 2.0
    command = np.stack([np.sin(2 * t), np.cos(3 * t), 0 * t], axis=1)
    state = np.stack([np.sin(2 * (t - 0.1)), np.cos(3 * (t - 0.1)), 0 * t], axis=1)
    table = pyarrow.table({"observation.state": state.tolist(), "action": command.tolist(), "timestamp": t.astype(np.float32)})
    path = folder / "episode_000000.parquet"
    pyarrow.parquet.write_table(table, path)
    features = {k: {"names": [NAMES]} for k in ("observation.state", "action")}
    (folder / "info.json").write_text(json.dumps({"robot_type": "x", "fps": 30, "features": features}))
    return path


@pytest.fixture
def robot(tmp_path: Path) -> RobotModel:
    """A real robot with a file of log names beside a profile of its own."""
    (tmp_path / "log_names.toml").write_text(
        'schema = "humanoid-workbench/log-names/1"\n[joints]\nknee_log = "left_knee"\nelbow_log = "left_elbow"\n'
    )
    return replace(load_robot(ROOT / "resources" / "robots" / "h140"), folder=tmp_path)


def codes(problems: tuple[str, ...]) -> dict[str, dict[str, str]]:
    return dict(parse_problem(p) for p in problems)


def test_a_lerobot_episode(tmp_path: Path) -> None:
    found = import_log(episode(tmp_path))
    assert found.header.joint_names == tuple(NAMES)
    assert found.duration == pytest.approx(89 / 30)
    assert found.header.problems == ()
    lags = [j.lag_s for j in compare_commands(found).joints]
    assert lags[:2] == pytest.approx([0.1, 0.1], abs=0.004) and lags[2] is None


def test_joints_get_the_robots_names_and_the_rest_is_kept_and_said(tmp_path: Path, robot: RobotModel) -> None:
    found = import_log(episode(tmp_path), robot)
    assert found.header.joint_names == ("left_knee", "left_elbow")
    np.testing.assert_allclose(found["joint.command"].column("left_elbow")[:3], np.sin(2 * np.arange(3) / 30), atol=1e-6)
    assert found["other.position"].channel.columns == ("thumb",)
    assert codes(found.header.problems)["log.unmapped"]["names"] == "thumb"
    assert "right_knee" in found.header.assumptions["joints_not_logged"]


def test_a_gap_is_said(tmp_path: Path) -> None:
    gaps = codes(import_log(episode(tmp_path, gap=True)).header.problems)["log.gaps"]
    assert gaps["count"] == "1" and float(gaps["longest_s"]) == pytest.approx(2.033, abs=0.01)


def test_bad_logs_are_refused_by_name(tmp_path: Path, robot: RobotModel) -> None:
    with pytest.raises(WorkbenchError, match="log.not_found"):
        import_log(tmp_path / "none.parquet")
    path = tmp_path / "a.txt"
    path.write_text("x")
    with pytest.raises(WorkbenchError, match="log.unknown_format"):
        import_log(path)
    for name in ("a.npz", "a_control.csv", "a.parquet", "a.mcap", "b.csv"):
        (tmp_path / name).write_bytes(b"not a log")
        with pytest.raises(WorkbenchError, match="log"):
            import_log(tmp_path / name)
    (tmp_path / "info.json").write_text('{"features": {}}')
    with pytest.raises(WorkbenchError, match="log.unreadable"):
        import_log(tmp_path / "a.parquet")
    (tmp_path / "log_names.toml").write_text('schema = "humanoid-workbench/log-names/1"\n[joints]\na = "tentacle"\n')
    with pytest.raises(WorkbenchError, match="tentacle"):
        log_names(robot)


def test_a_sage_log_in_microseconds(tmp_path: Path) -> None:
    rows = ["type,timestamp,positions"] + [f'CONTROL,{5.0 + 20000.0 * i},"[{0.1 * i}, 0.0]"' for i in range(20)]
    (tmp_path / "x__control.csv").write_text("\n".join(rows))
    rows = ["type,timestamp,positions,velocities,torques"]
    rows += [f'STATE_MOTOR,{5.0 + 20000.0 * i},"[{0.1 * i}, 0.0]","[0.0, 0.0]","[1.0, 0.0]"' for i in range(20)]
    (tmp_path / "x__state_motor.csv").write_text("\n".join(rows))
    (tmp_path / "x__joint_list.txt").write_text("Pitch\n")
    found = import_log(tmp_path / "x__control.csv")
    assert found.duration == pytest.approx(0.38)
    assert found["joint.torque"].channel.columns == ("Pitch", "joint_1")
    assert codes(found.header.problems)["log.time_unit"]["unit"] == "us"


def test_the_real_g1_lags_its_commands_by_four_or_five_frames(shared: Path) -> None:
    """A recording of a real robot: joints that move follow 133 to 167 ms late, within one frame of 30 Hz."""
    joints = compare_commands(import_log(shared / "data" / "g1_lerobot_v21" / "episode_000000.parquet")).joints
    right_arm = [j for j in joints if j.name.startswith("kRight") and "Hand" not in j.name]
    assert len(right_arm) == 7
    for joint in right_arm:
        assert joint.lag_s is not None and 0.100 <= joint.lag_s <= 0.200, joint
        assert joint.rmse_without_lag < 0.65 * joint.rmse, joint


def test_the_simulated_g1_follows_the_recorded_commands_and_less_late_than_the_real_one(shared: Path) -> None:
    g1 = load_robot(ROOT / "resources" / "robots" / "unitree_g1", shared / "robots" / "unitree_g1")
    real = import_log(shared / "data" / "g1_lerobot_v21" / "episode_000000.parquet", g1)
    simulated = replay(real, g1)
    assert simulated.header.assumptions["base"].startswith("held")
    found = compare(real, simulated)
    assert found.clock_offset_s == 0.0
    arm = [j for j in found.joints if j.name.startswith("right_")]
    assert len(arm) == 7
    for joint in arm:
        assert joint.lag_s is not None and -0.15 < joint.lag_s < -0.03, joint
        assert joint.rmse_without_lag < joint.rmse < 0.04, joint
    assert not any("leg" in j.name or "knee" in j.name for j in found.joints)  # what was not measured is not judged


def test_measured_arm_logs(shared: Path) -> None:
    data = shared / "data"
    so101 = import_log(next((data / "so101_sage").glob("*chirp*state_motor.csv")))
    assert all(j.lag_s is not None and 0.07 <= j.lag_s <= 0.155 for j in compare_commands(so101).joints)
    igris = import_log(data / "igris_c_chirp" / "igris_c_chirp.npz")
    assert igris.duration == pytest.approx(60.0, abs=0.01)
