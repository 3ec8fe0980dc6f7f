"""Shapes are closed and face outwards; kinematics move bodies as poses say; polygons obey geometry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.cell import load_cell
from sim.geometry import Kinematics, convex_hull, joint_ranges, nearest_edge, polygon_area, scene_geometry, start_snapshot
from sim.robot import load_robot
from sim.scene import Scene, build_scene
from sim.shapes import Mesh, box_mesh, capsule_mesh, cylinder_mesh, ellipsoid_mesh, merge, tote_mesh
from workbench.resources import resource


@pytest.fixture(scope="module")
def scene() -> Scene:
    return build_scene(load_cell(next(resource("cells").glob("*/cell.toml"))), load_robot(resource("robots", "h140")))


def volume(mesh: Mesh) -> float:
    """Signed volume: positive where triangles face outwards."""
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize(
    ("mesh", "exact", "tolerance"),
    [
        (box_mesh((0.1, 0.2, 0.3)), 8 * 0.1 * 0.2 * 0.3, 1e-12),
        (cylinder_mesh(0.2, 0.5), np.pi * 0.04 * 1.0, 0.02),
        (ellipsoid_mesh((0.1, 0.2, 0.3)), 4 / 3 * np.pi * 0.006, 0.06),
        (capsule_mesh(0.1, 0.2), np.pi * 0.01 * 0.4 + 4 / 3 * np.pi * 0.001, 0.06),
    ],
)
def test_shapes_enclose_their_volume(mesh: Mesh, exact: float, tolerance: float) -> None:
    assert volume(mesh) == pytest.approx(exact, rel=tolerance or 1e-9)


@pytest.mark.parametrize("mesh", [box_mesh((1, 1, 1)), cylinder_mesh(1, 1), capsule_mesh(1, 1), tote_mesh((0.4, 0.3, 0.2))])
def test_every_edge_has_two_triangles(mesh: Mesh) -> None:
    corners = np.unique(np.round(mesh.vertices, 9), axis=0, return_inverse=True)[1].ravel()
    faces = corners[mesh.faces]
    faces = faces[[len(set(f)) == 3 for f in faces.tolist()]]
    edges = np.sort(np.vstack([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    assert set(np.unique(edges, axis=0, return_counts=True)[1]) == {2}


def test_a_tote_is_open_and_keeps_its_outer_size() -> None:
    tote = tote_mesh((0.4, 0.3, 0.2))
    assert np.ptp(tote.vertices, axis=0) == pytest.approx((0.4, 0.3, 0.2))
    assert 0 < volume(tote) < 0.35 * 0.4 * 0.3 * 0.2


def test_moving_and_merging_keep_the_volume() -> None:
    turn = np.eye(4)
    turn[:3, :3] = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]
    turn[:3, 3] = 1, 2, 3
    both = merge([box_mesh((0.1, 0.1, 0.1)), box_mesh((0.1, 0.1, 0.1)).moved(turn)])
    assert volume(both) == pytest.approx(0.016)


def test_the_scene_has_robot_stations_and_objects(scene: Scene) -> None:
    geometry = scene_geometry(scene)
    assert scene.cell is not None
    assert {s.station for s in geometry.stations} == {k for k, s in scene.cell.stations.items() if s.parts}
    assert geometry.objects.keys() == scene.cell.objects.keys()
    assert len({s.body for s in geometry.robot}) > 15
    assert sum(len(s.mesh.faces) for s in geometry.robot) <= 60_000


def test_moving_the_base_moves_every_body_alike(scene: Scene) -> None:
    kinematics, start = Kinematics(scene), start_snapshot(scene)
    kinematics.update(start)
    before, com = kinematics.body_transforms(), kinematics.centre_of_mass()
    moved = start.base_pose.copy()
    moved[:2] += (0.5, -0.2)
    kinematics.update(replace(start, base_pose=moved))
    robot = [i for i, name in enumerate(kinematics.body_names) if i and not name.startswith(("cell/", "object/"))]
    shift = kinematics.body_transforms()[robot, :3, 3] - before[robot, :3, 3]
    assert shift == pytest.approx(np.tile([0.5, -0.2, 0.0], (len(robot), 1)), abs=1e-9)
    assert kinematics.centre_of_mass() - com == pytest.approx([0.5, -0.2, 0.0], abs=1e-9)


def test_at_the_start_the_soles_are_on_the_floor_and_the_com_above_them(scene: Scene) -> None:
    kinematics, start = Kinematics(scene), start_snapshot(scene)
    kinematics.update(start)
    polygon = kinematics.support_polygon()
    assert len(polygon) >= 4
    assert nearest_edge(polygon, kinematics.centre_of_mass()[:2])[0] > 0.02
    assert all(abs(p[:, 2]).max() < 5e-3 for p in kinematics.sole_polygons())


def test_only_loaded_feet_support(scene: Scene) -> None:
    kinematics, start = Kinematics(scene), start_snapshot(scene)
    kinematics.update(replace(start, foot_force=np.array([[0, 0, 480.0], [0, 0, 0.0]])))
    assert kinematics.support_polygon()[:, 1].min() > 0  # the left foot stands at +y
    kinematics.update(replace(start, foot_force=np.zeros((2, 3))))
    assert len(kinematics.support_polygon()) == 0


def test_missing_joint_values_keep_what_was(scene: Scene) -> None:
    kinematics, start = Kinematics(scene), start_snapshot(scene)
    kinematics.update(start)
    before = kinematics.body_transforms()
    kinematics.update(replace(start, joint_position=np.full_like(start.joint_position, np.nan)))
    assert np.array_equal(kinematics.body_transforms(), before)


def test_every_body_belongs_to_a_joint_or_the_base(scene: Scene) -> None:
    kinematics = Kinematics(scene)
    base = kinematics.body_names.index(scene.robot.profile.base_body)
    assert kinematics.joint_of_body(base) == ""
    for joint, body in zip(scene.robot.joint_names, kinematics.joint_bodies, strict=True):
        assert kinematics.joint_of_body(body) in scene.robot.joint_names
        assert joint in scene.robot.joint_names
    assert set(joint_ranges(scene)) <= set(scene.robot.joint_names)


def test_hull_area_and_edge_distance() -> None:
    square = convex_hull(np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0.5], [0.2, 0.9]], dtype=float))
    assert len(square) == 4 and polygon_area(square) == pytest.approx(1.0)
    inside, at = nearest_edge(square, np.array([0.3, 0.5]))
    assert inside == pytest.approx(0.3) and at == pytest.approx((0.0, 0.5))
    outside, _ = nearest_edge(square, np.array([-0.2, 0.5]))
    assert outside == pytest.approx(-0.2)
