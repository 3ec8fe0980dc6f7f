"""The outer design of H140: which surfaces clothe which body, in which material. Body frames as in ``body_plan``.

White shells over grey drive housings; what grips, stands or sees is dark. Surfaces of one material on one body are one
mesh file, so the whole robot stays a few dozen parts and under 12,000 triangles.
"""

from __future__ import annotations

from math import pi

from body_plan import ANKLE_HEIGHT, PALM_HALF, PALM_INSET, SOLE_AHEAD, WRIST_TO_PALM
from shapes import Surface, ball, band, block, drum, joined, lathe, loft, puck

# Colours for renderers that know no themes; the workbench's viewport maps the names to its own tokens.
MATERIALS = {
    "shell": ("0.91 0.925 0.94 1", 0.35),
    "joint": ("0.45 0.49 0.54 1", 0.3),
    "dark": ("0.22 0.255 0.295 1", 0.2),
    "visor": ("0.06 0.075 0.09 1", 0.8),
    "accent": ("0.60 0.66 0.72 1", 0.4),
}

Design = dict[str, dict[str, Surface]]


def design() -> Design:
    """Surfaces by body and material; the right side is the mirrored left."""
    out: Design = {**_trunk(), **_head()}
    for name, parts in {**_leg(), **_arm()}.items():
        out[f"left_{name}"] = parts
        out[f"right_{name}"] = {material: surface.mirrored() for material, surface in parts.items()}
    return out


def _trunk() -> Design:
    pelvis = loft(
        [
            (-0.052, 0.030, 0.020, -0.016, 0.0, 2.4),
            (-0.044, 0.044, 0.030, -0.015, 0.0, 2.4),
            (-0.020, 0.056, 0.040, -0.013, 0.0, 2.6),
            (-0.002, 0.064, 0.060, -0.012, 0.0, 2.8),
            (0.010, 0.070, 0.094, -0.012, 0.0, 3.0),
            (0.026, 0.075, 0.110, -0.012, 0.0, 3.2),
            (0.050, 0.075, 0.110, -0.012, 0.0, 3.2),
            (0.065, 0.069, 0.103, -0.012, 0.0, 3.2),
            (0.071, 0.056, 0.088, -0.012, 0.0, 3.2),
        ],
        22,
    )
    waist = lathe(
        [
            (-0.016, 0.056),
            (0.000, 0.058),
            (0.004, 0.052),
            (0.008, 0.058),
            (0.022, 0.058),
            (0.026, 0.052),
            (0.030, 0.057),
            (0.048, 0.052),
        ],
        14,
    )
    chest = loft(
        [
            (0.098, 0.046, 0.066, 0.004),
            (0.104, 0.060, 0.082, 0.004),
            (0.125, 0.072, 0.098, 0.004),
            (0.175, 0.085, 0.119, 0.004),
            (0.225, 0.091, 0.131, 0.002),
            (0.265, 0.088, 0.134, 0.000),
            (0.295, 0.078, 0.127, -0.004),
            (0.315, 0.062, 0.107, -0.006),
            (0.326, 0.046, 0.078, -0.006),
            (0.330, 0.034, 0.050, -0.006),
        ],
        28,
        3.0,
    )
    belly = loft(
        [
            (-0.012, 0.040, 0.052, 0.0),
            (-0.004, 0.052, 0.066, 0.0),
            (0.040, 0.058, 0.074, 0.0),
            (0.080, 0.060, 0.078, 0.002),
            (0.110, 0.058, 0.076, 0.004),
        ],
        16,
        2.8,
    )
    panel = band(
        [
            (0.172, 0.085, 0.119, 0.004),
            (0.177, 0.0855, 0.120, 0.004),
            (0.235, 0.091, 0.132, 0.002),
            (0.262, 0.088, 0.134, 0.000),
            (0.267, 0.0875, 0.134, 0.000),
        ],
        -0.52,
        0.52,
        0.004,
        8,
        3.0,
    )
    stripe = band(
        [
            (0.148, 0.0785, 0.109, 0.004),
            (0.151, 0.079, 0.110, 0.004),
            (0.156, 0.0805, 0.112, 0.004),
            (0.159, 0.081, 0.113, 0.004),
        ],
        -0.40,
        0.40,
        0.0025,
        6,
        3.0,
    )
    pack = block(0.034, 0.090, 0.098, 0.018, 18, 4.0, False).moved(-0.098, 0.0, 0.205)
    vents = joined([block(0.006, 0.055, 0.004, 0.002, 4, 2.0, False).moved(-0.130, 0.0, z) for z in (0.185, 0.205, 0.225)])
    yoke = joined([puck(0.046, s * 0.095, s * 0.150, 16).turned("y").moved(-0.002, 0.0, 0.27) for s in (1, -1)])
    collar = lathe([(0.322, 0.050), (0.334, 0.049), (0.347, 0.036)], 14).moved(-0.006)
    return {
        "pelvis": {"shell": pelvis, "dark": puck(0.056, 0.064, 0.076, 16).moved(-0.004)},
        "waist": {"joint": waist},
        "torso": {
            "shell": chest,
            "dark": joined([belly, panel, pack, collar]),
            "joint": yoke,
            "accent": joined([stripe, vents]),
        },
    }


def _head() -> Design:
    sections = [
        (-0.006, 0.030, 0.028, 0.004),
        (0.000, 0.046, 0.041, 0.006),
        (0.014, 0.060, 0.052, 0.009),
        (0.036, 0.072, 0.061, 0.010),
        (0.066, 0.079, 0.067, 0.008),
        (0.094, 0.079, 0.068, 0.004),
        (0.120, 0.070, 0.061, 0.000),
        (0.138, 0.055, 0.048, -0.002),
        (0.149, 0.035, 0.031, -0.003),
        (0.1535, 0.016, 0.014, -0.003),
    ]
    skull = loft(sections, 20, 2.2)
    vertices = skull.vertices.copy()
    vertices[-1, 2] = 0.155  # the crown: 1.400 m over the floor
    visor = band(
        [
            (0.046, 0.0745, 0.0635, 0.0095),
            (0.051, 0.0758, 0.0645, 0.009),
            (0.070, 0.0792, 0.0675, 0.0075),
            (0.090, 0.0794, 0.0682, 0.0048),
            (0.096, 0.0788, 0.0678, 0.0036),
        ],
        -1.02,
        1.02,
        0.0045,
        12,
        2.2,
    )
    lens = joined([puck(0.0085, 0.0, 0.006, 10, 0.002).turned("x").moved(0.0865, y, 0.072) for y in (0.026, -0.026)])
    ears = joined([puck(0.024, s * 0.060, s * 0.073, 14, 0.004).turned("y").moved(-0.004, 0.0, 0.072) for s in (1, -1)])
    neck = lathe([(-0.012, 0.030), (-0.004, 0.036), (0.010, 0.036), (0.014, 0.031), (0.020, 0.034), (0.046, 0.030)], 12)
    return {
        "neck": {"joint": neck},
        "head": {"shell": Surface(vertices, skull.faces), "visor": visor, "joint": ears, "accent": lens},
    }


def _leg() -> Design:
    yaw_housing = lathe([(0.020, 0.040), (0.026, 0.044), (0.052, 0.044)], 14)
    roll_housing = puck(0.042, 0.030, -0.074, 16, 0.007).turned("x")
    hip_drive = puck(0.052, 0.012, 0.066, 18, 0.008).turned("y")
    hip_cap = puck(0.034, 0.060, 0.070, 16, 0.003).turned("y")
    thigh = loft(
        [
            (-0.258, 0.034, 0.034, 0.000),
            (-0.252, 0.043, 0.043, 0.001),
            (-0.225, 0.050, 0.049, 0.003),
            (-0.170, 0.058, 0.056, 0.006),
            (-0.110, 0.064, 0.061, 0.006),
            (-0.060, 0.066, 0.063, 0.003),
            (-0.028, 0.062, 0.060, 0.000),
            (-0.008, 0.050, 0.052, -0.002),
            (0.002, 0.034, 0.040, -0.002),
        ],
        20,
        2.5,
    )
    knee_fork = joined([block(0.025, 0.007, 0.036, 0.006, 10, 3.0, False).moved(-0.004, y, -0.264) for y in (0.043, -0.043)])
    knee_drive = drum(0.046, -0.037, 0.037, 18, 0.006).turned("y")
    knee_caps = joined([puck(0.034, s * 0.044, s * 0.056, 14, 0.004).turned("y") for s in (1, -1)])
    shank = loft(
        [
            (-0.262, 0.022, 0.024, 0.000),
            (-0.256, 0.030, 0.031, 0.000),
            (-0.225, 0.034, 0.034, -0.002),
            (-0.170, 0.042, 0.040, -0.006),
            (-0.115, 0.049, 0.045, -0.010),
            (-0.070, 0.050, 0.045, -0.008),
            (-0.038, 0.046, 0.042, -0.002),
            (-0.026, 0.036, 0.036, 0.000),
        ],
        18,
        2.5,
    )
    knee_shield = band(
        [
            (-0.062, 0.048, 0.040, -0.004),
            (-0.052, 0.051, 0.041, -0.003),
            (-0.018, 0.053, 0.040, 0.001),
            (0.010, 0.0485, 0.038, 0.001),
            (0.024, 0.0420, 0.034, -0.001),
        ],
        -0.62,
        0.62,
        0.004,
        6,
        2.4,
    )
    calf = band(
        [
            (-0.190, 0.0390, 0.0380, -0.0050),
            (-0.180, 0.0405, 0.0390, -0.0055),
            (-0.115, 0.0490, 0.0450, -0.0100),
            (-0.075, 0.0500, 0.0450, -0.0085),
            (-0.065, 0.0495, 0.0447, -0.0075),
        ],
        pi - 0.75,
        pi + 0.75,
        0.003,
        6,
        2.5,
    )
    ankle = joined([ball(0.030, 0.030, 0.032, 12, 4), drum(0.024, -0.040, 0.040, 12, 0.004).turned("y")])
    h = ANKLE_HEIGHT
    x = SOLE_AHEAD
    sole = loft(
        [
            (-h, 0.096, 0.041, x),
            (-h + 0.004, 0.100, 0.045, x),
            (-h + 0.018, 0.100, 0.045, x),
            (-h + 0.021, 0.097, 0.042, x),
        ],
        20,
        3.6,
    )
    instep = loft(
        [
            (-h + 0.018, 0.096, 0.041, x, 0.0, 3.4),
            (-h + 0.026, 0.093, 0.041, x - 0.001, 0.0, 3.2),
            (-h + 0.036, 0.080, 0.039, x - 0.010, 0.0, 2.9),
            (-h + 0.048, 0.060, 0.036, x - 0.024, 0.0, 2.6),
            (-h + 0.060, 0.046, 0.034, x - 0.033, 0.0, 2.4),
            (-h + 0.066, 0.036, 0.028, x - 0.035, 0.0, 2.2),
        ],
        20,
    )
    return {
        "hip_yaw": {"dark": yaw_housing},
        "hip_roll": {"joint": roll_housing},
        "thigh": {"shell": thigh, "joint": joined([hip_drive, knee_fork]), "accent": hip_cap},
        "shank": {"shell": joined([shank, knee_shield]), "joint": knee_drive, "dark": joined([calf, knee_caps])},
        "ankle": {"joint": ankle},
        "foot": {"dark": sole, "shell": instep},
    }


def _arm() -> Design:
    w = WRIST_TO_PALM
    shoulder = puck(0.040, 0.004, -0.040, 14, 0.006).turned("y")
    cap = ball(0.053, 0.047, 0.053, 16, 6).moved(0.0, 0.010, 0.002)
    upper = loft(
        [
            (-0.196, 0.024, 0.026),
            (-0.190, 0.032, 0.033),
            (-0.160, 0.037, 0.037),
            (-0.110, 0.041, 0.041),
            (-0.070, 0.042, 0.042),
            (-0.050, 0.038, 0.038),
            (-0.042, 0.030, 0.030),
        ],
        16,
        2.4,
    )
    elbow_fork = joined([block(0.019, 0.007, 0.034, 0.005, 8, 3.0, False).moved(0.0, y, -0.212) for y in (0.031, -0.031)])
    elbow = drum(0.034, -0.027, 0.027, 14, 0.005).turned("y")
    elbow_caps = joined([puck(0.022, s * 0.035, s * 0.042, 12, 0.002).turned("y") for s in (1, -1)])
    forearm = loft(
        [
            (-0.172, 0.020, 0.020),
            (-0.167, 0.028, 0.027),
            (-0.130, 0.033, 0.031),
            (-0.085, 0.039, 0.036),
            (-0.050, 0.040, 0.036),
            (-0.030, 0.034, 0.031),
            (-0.022, 0.025, 0.024),
        ],
        16,
        2.4,
    )
    wrist_yaw = lathe([(0.004, 0.021), (0.010, 0.027), (0.036, 0.027), (0.050, 0.023)], 12)
    wrist_pitch = joined([ball(0.024, 0.024, 0.024, 10, 4), drum(0.018, -0.029, 0.029, 10, 0.003).turned("y")])
    hand = loft(
        [
            (-w - 0.046, 0.030, 0.015, 0.0, 0.003),
            (-w - 0.040, 0.035, 0.019, 0.0, 0.003),
            (-w + 0.010, 0.036, 0.021, 0.0, 0.003),
            (-w + 0.045, 0.031, 0.021, 0.0, 0.002),
            (-w + 0.066, 0.023, 0.020, 0.0, 0.0),
            (-w + 0.074, 0.017, 0.016, 0.0, 0.0),
        ],
        16,
        3.2,
    )
    pad = block(PALM_HALF[1], 0.005, PALM_HALF[0], 0.003, 12, 6.0, False).moved(0.0, -(PALM_INSET - 0.005), -w)
    rail = block(0.056, 0.012, 0.007, 0.004, 12, 5.0, False).moved(0.0, 0.0, -w - 0.050)
    finger = {s: _finger(s) for s in (1.0, -1.0)}
    return {
        "shoulder": {"joint": shoulder},
        "shoulder_roll": {"shell": cap},
        "upper_arm": {"shell": upper, "joint": elbow_fork},
        "forearm": {"shell": forearm, "joint": elbow, "dark": elbow_caps},
        "wrist_yaw": {"dark": wrist_yaw},
        "wrist_pitch": {"joint": wrist_pitch},
        "hand": {"shell": hand, "dark": joined([pad, rail])},
        "finger_1": {"dark": finger[1.0]},
        "finger_2": {"dark": finger[-1.0]},
    }


def _finger(sign: float) -> Surface:
    """A finger outside its pad: carriage on the rail, tapering to the tip. The pad's face is at x = 0."""
    return loft(
        [
            (-0.070, 0.0050, 0.010, sign * 0.0050),
            (-0.064, 0.0058, 0.012, sign * 0.0058),
            (-0.030, 0.0065, 0.013, sign * 0.0065),
            (-0.004, 0.0085, 0.013, sign * 0.0085),
            (0.004, 0.0085, 0.011, sign * 0.0085),
        ],
        8,
        4.0,
    )
