"""Laws of the base estimator: exact where nothing is noisy, the same in every heading, honest about what it can't know."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.estimation.estimator import Estimator
from sim.estimation.invariant import SIZE, anchor, correct, exp_rotation, place_foot, predict
from sim.robot import SIDES
from sim.rollout import Execution
from sim.scene import build_scene, draw_variation
from sim.sensors import DEFAULT, NOISELESS, Fix, ObjectView, Reading, Sensed
from sim.transforms import matrix_from_quaternion, vector_from_rotation
from tests.sim.examples import h140, motion_of
from tests.sim.test_rollout import walk_to

Array = NDArray[np.float64]

DT = 0.004
ROBOT = h140()
HOME = np.array([ROBOT.profile.home.get(n, 0.0) for n in ROBOT.joint_names])
UP = np.array([0.0, 0.0, 9.81])


def standing(tick: int, **changes: object) -> Reading:
    """A reading of the robot at rest in its home posture, 245 N on each foot."""
    fixes = (Fix(tick * DT, np.array([1.0, 2.0, 0.65]), 0.3),) if tick % 12 == 0 else ()
    still = Reading(tick * DT, HOME, np.zeros(len(HOME)), np.zeros(3), UP, np.array([245.0, 245.0]), fixes)
    return replace(still, **changes)  # type: ignore[arg-type]


def error_of(a: tuple[Array, Array, Array], b: tuple[Array, Array, Array]) -> Array:
    """Right-invariant error (21,) of state ``a`` against ``b``: rotation, vectors, biases."""
    turn = a[0] @ b[0].T
    return np.concatenate([vector_from_rotation(turn), (a[1] - b[1] @ turn.T).ravel(), (a[2] - b[2]).ravel()])


def test_rest_is_exact() -> None:
    estimator = Estimator(ROBOT, NOISELESS, DT)
    for k in range(500):
        sensed = estimator.update(standing(k))
    assert sensed.base_pose[:3] == pytest.approx([1.0, 2.0, 0.65], abs=1e-9)
    assert sensed.base_pose[3:] == pytest.approx([math.cos(0.15), 0, 0, math.sin(0.15)], abs=1e-9)
    assert np.abs(sensed.base_velocity).max() < 1e-9
    assert sensed.source == "estimate" and sensed.quality.trusted and sensed.quality.slipping == (False, False)


def test_the_world_has_no_preferred_heading_or_origin() -> None:
    """The same readings with the cell turned and moved give the same estimate, turned and moved."""
    c, s = math.cos(1.1), math.sin(1.1)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    shift = np.array([5.0, -3.0, 0.4])
    one, other = Estimator(ROBOT, DEFAULT, DT), Estimator(ROBOT, DEFAULT, DT)
    noise = np.random.default_rng(1)
    for k in range(150):
        gyro, accel = 0.05 * noise.standard_normal(3), UP + 0.2 * noise.standard_normal(3)
        a = standing(k, gyro=gyro, accel=accel)
        moved = tuple(Fix(f.time, turn @ f.position + shift, f.yaw + 1.1) for f in a.fixes)
        first, second = one.update(a), other.update(replace(a, fixes=moved))
    assert second.base_pose[:3] == pytest.approx(turn @ first.base_pose[:3] + shift, abs=1e-9)
    assert second.base_velocity[:3] == pytest.approx(turn @ first.base_velocity[:3], abs=1e-9)
    left, right = matrix_from_quaternion(second.base_pose[3:]), turn @ matrix_from_quaternion(first.base_pose[3:])
    assert np.abs(left - right).max() < 1e-9


def test_standing_shows_the_bias_of_the_gyro() -> None:
    bias = np.array([0.01, -0.008, 0.012])
    estimator = Estimator(ROBOT, DEFAULT, DT)
    noise = np.random.default_rng(2)
    for k in range(500):
        estimator.update(standing(k, gyro=bias + DEFAULT.gyro * noise.standard_normal(3)))
    assert np.abs(estimator.bias[0] - bias).max() < 2e-3


def test_bias_of_the_accelerometer_along_gravity_is_found_and_across_it_is_bounded() -> None:
    bias = np.array([0.03, 0.0, 0.06])
    estimator = Estimator(ROBOT, DEFAULT, DT)
    for k in range(500):
        sensed = estimator.update(standing(k, accel=UP + bias))
    assert estimator.bias[1, 2] == pytest.approx(0.06, abs=0.01)
    # What gravity and a tilt have in common stays a tilt of at most what the bias is worth.
    assert np.abs(sensed.base_pose[4:6]).max() < 0.5 * 0.03 / 9.81


def test_covariance_follows_the_error() -> None:
    """The propagated covariance is that of the error of two propagated states."""
    rng = np.random.default_rng(3)
    state = (exp_rotation(np.array([0.1, 0.2, 2.0])), rng.normal(size=(4, 3)), 0.1 * rng.normal(size=(2, 3)))
    gyro, accel = rng.normal(size=3), UP + rng.normal(size=3)

    def moved(s: tuple[Array, Array, Array], cov: Array) -> tuple[Array, Array, Array]:
        out = (s[0].copy(), s[1].copy(), s[2].copy())
        predict(*out, cov, gyro, accel, DT, np.zeros(6))
        return out

    transition = np.zeros((SIZE, SIZE))
    after = moved(state, np.zeros((SIZE, SIZE)))
    for i in range(SIZE):
        off = (state[0].copy(), state[1].copy(), state[2].copy())
        correct(*off, 1e-6 * np.eye(SIZE)[i])
        assert error_of(off, state) == pytest.approx(1e-6 * np.eye(SIZE)[i], abs=1e-11)
        transition[:, i] = error_of(moved(off, np.zeros((SIZE, SIZE))), after) / 1e-6
    cov = np.eye(SIZE)
    moved(state, cov)
    assert np.abs(cov - transition @ transition.T).max() < 1e-4


def test_fixing_the_frame_loses_nothing_that_can_be_observed() -> None:
    rng = np.random.default_rng(4)
    root = rng.normal(size=(SIZE, SIZE))
    before = root @ root.T
    x = np.array([[0.1, 0.2, 0.0], [1.0, 2.0, 0.6], [1.0, 2.1, 0.0], [1.05, 1.9, 0.0]])
    after = before.copy()
    anchor(x, after, True, True)
    relative = np.zeros((15, SIZE))
    relative[:2, :2] = np.eye(2)
    relative[2:5, 3:6] = np.eye(3)
    relative[5:8, 6:9], relative[5:8, 9:12] = np.eye(3), -np.eye(3)
    relative[8:11, 6:9], relative[8:11, 12:15] = np.eye(3), -np.eye(3)
    relative[11:15, 15:19] = np.eye(4)
    assert relative @ after @ relative.T == pytest.approx(relative @ before @ relative.T, abs=1e-9)
    # Where the feet's middle is has no error left: delta + phi x d, mean of both.
    where = np.zeros((3, SIZE))
    for foot, at in ((2, 9), (3, 12)):
        where[:, at : at + 3] += 0.5 * np.eye(3)
        where[:, :3] -= 0.5 * np.cross(np.eye(3), x[foot])
    assert np.abs(where @ after @ where.T).max() < 1e-9


def test_a_placed_foot_is_as_uncertain_as_the_body() -> None:
    rng = np.random.default_rng(5)
    root = rng.normal(size=(SIZE, SIZE))
    cov = root @ root.T
    x = rng.normal(size=(4, 3))
    h = np.array([0.1, 0.2, -0.6])
    place_foot(np.eye(3), x, cov, 1, h, 1e-4)
    assert x[3] == pytest.approx(x[1] + h)
    assert cov[12:15, 12:15] == pytest.approx(cov[6:9, 6:9] + 1e-4 * np.eye(3))
    assert np.linalg.eigvalsh(cov).min() > -1e-9


def test_a_foot_that_slides_is_told_from_a_body_that_moves() -> None:
    """The left foot slides ahead at 0.3 m/s under a body at rest on the right one."""
    hip, ankle = (ROBOT.index(f"left_{j}") for j in ("hip_pitch", "ankle_pitch"))
    assert ROBOT.profile.legs[SIDES[0]].joints[2] == "left_hip_pitch"
    estimator = Estimator(ROBOT, DEFAULT, DT)
    noise = np.random.default_rng(6)
    slipped = []
    for k in range(300):
        q, qd = HOME.copy(), np.zeros(len(HOME))
        if k >= 250:
            swept = 0.5 * (k - 250) * DT
            q[hip] -= swept
            q[ankle] += swept
            qd[hip], qd[ankle] = -0.5, 0.5
        q = q + DEFAULT.joint_position * noise.standard_normal(len(q))
        gyro = DEFAULT.gyro * noise.standard_normal(3)
        sensed = estimator.update(standing(k, q=q, qd=qd, gyro=gyro, accel=UP + DEFAULT.accel * noise.standard_normal(3)))
        slipped.append(sensed.quality.slipping)
    assert (True, False) in slipped[-20:] and not any(left or right for left, right in slipped[:250])
    assert np.abs(sensed.base_velocity[:3]).max() < 0.03
    assert sensed.base_pose[:2] == pytest.approx([1.0, 2.0], abs=0.01)


def test_nothing_to_stand_on_is_not_trusted() -> None:
    estimator = Estimator(ROBOT, DEFAULT, DT)
    for k in range(50):
        estimator.update(standing(k))
    for k in range(50, 250):
        sensed = estimator.update(standing(k, foot_load=np.zeros(2)))
    assert not sensed.quality.trusted


def test_an_object_is_where_the_camera_was_when_it_saw_it() -> None:
    """A late picture is placed by the pose of its moment; the camera's own frame is all it speaks of."""
    estimator = Estimator(ROBOT, NOISELESS, DT)
    ahead = np.array([0.0, 0.0, -1.0])
    for k in range(100):
        views = (ObjectView("tote", 0.2, ahead, np.eye(3)),) if k == 80 else ()
        sensed: Sensed = estimator.update(standing(k, views=views))
    seen = sensed.sightings["tote"]
    assert seen.time == 0.2
    # One metre along the camera's axis from the head, which is over the base at (1, 2), looking along yaw 0.3.
    along = seen.pose[:2] - np.array([1.0, 2.0])
    assert math.atan2(along[1], along[0]) == pytest.approx(0.3, abs=0.02)


def test_walking_it_is_accurate_and_consistent() -> None:
    """Estimate against truth and against its own covariance over a walk, with noise and a plant that is not the model."""
    run = Execution(build_scene(None, ROBOT, variation=draw_variation(4)), walk_to(1.0, 0.2, 0.4), seed=4)
    estimator = run.estimator
    assert estimator is not None and run.state_source == "estimate"
    nis, errors, nees = [], [], []
    while run.time < 4.0:
        truth = run.simulator.base_pose, run.simulator.base_velocity
        run.step()
        work = run.controller._work
        assert work is not None
        pose, velocity = work.sensed.base_pose, work.sensed.base_velocity
        turn = vector_from_rotation(matrix_from_quaternion(pose[3:]) @ matrix_from_quaternion(truth[0][3:]).T)
        error = np.concatenate([turn[:2], (velocity - truth[1])[:3]])
        errors.append(np.concatenate([error, (pose - truth[0])[:3]]))
        keep = [0, 1, 3, 4, 5]
        nees.append(float(error @ np.linalg.solve(estimator.covariance[np.ix_(keep, keep)], error)))
        nis += [float(foot[2]) for foot in estimator.feet if foot[0] > 0.5]
        assert work.sensed.quality.trusted
    rms = np.sqrt(np.mean(np.square(errors[100:]), axis=0))
    assert rms[:2].max() < 0.003 and rms[2:5].max() < 0.008 and rms[5:].max() < 0.015
    # Chi-squared of 3 and of 5 degrees; a filter may be somewhat cautious, not bold.
    assert 0.5 < np.mean(nis) < 3.5
    assert np.mean(nees) < 8.0
    recording = run.recording()
    assert recording.header.state_source == "estimate" and "localisation" in recording.header.assumptions
    position, turn = recording["estimate.position_error"].values, recording["estimate.rotation_error"].values
    assert position == pytest.approx((recording["estimate.base_pose"].values - recording["base.pose"].values)[:, :3])
    assert np.abs(position).max() < 0.03 and np.abs(turn[50:, :2]).max() < 0.006


def test_truth_is_an_option_that_says_so() -> None:
    run = Execution(build_scene(None, ROBOT), motion_of(ROBOT, None), seed=1, state="truth")
    for _ in range(5):
        run.step()
    header = run.recording().header
    assert header.state_source == "truth" and "truth" in header.assumptions["state"]
    assert "noise.base_position" in header.assumptions and "noise.localisation_position" not in header.assumptions
