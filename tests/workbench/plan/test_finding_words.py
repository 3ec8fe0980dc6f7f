"""Every finding that the compiler or a check can make has its sentence and its hint in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.preflight.steps import REASONS
from sim.preflight.verify import CHECKS
from workbench.i18n import LANGUAGES, load
from workbench.plan.skills import SKILLS, TRACKS

ROOT = Path(__file__).parents[3]
COMPILER = (ROOT / "workbench" / "plan" / "compile.py").read_text(encoding="utf-8")
PREFLIGHT = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "sim" / "preflight").glob("*.py")))


def codes() -> set[str]:
    found = {f"plan.{c}" for c in re.findall(r'state\.(?:fault|excess)\(\s*"([a-z_]+)"', COMPILER)}
    found |= set(re.findall(r'Finding\(\s*"([a-z_]+\.[a-z_]+)"', COMPILER + PREFLIGHT))
    found |= {f"plan.{c}" for pair in re.findall(r'code = "([a-z_]+)" if \w+ else "([a-z_]+)"', COMPILER) for c in pair}
    for check in ("joint_position", "joint_velocity", "joint_torque"):
        found |= {f"{check}.limit", f"{check}.reserve"}
    found |= {f"contact.{k}" for k in ("self", "cell", "load", "object")}
    found |= {"balance.outside", "balance.reserve", "grip.slips", "grip.reserve", "placement.position", "placement.yaw"}
    found |= {f"step.{r}" for r in (*REASONS, "failed", "cut_short", "not_reached")}
    found |= {f"run.{r}" for r in ("no_motion", "no_run", "other_run")}
    return found | {f"{c}.not_assessed" for c in CHECKS if c != "cycle_time"}


def hints() -> set[str]:
    found = set(re.findall(r'hint="([a-z_]+)"', COMPILER + PREFLIGHT)) | {f"step_{r}" for r in REASONS}
    found |= {f"contact_{k}" for k in ("self", "cell", "load", "object")}
    found |= set(re.findall(r'state\.fault\("[a-z_]+", step, "([a-z_]+)"', COMPILER))
    return found | {
        "lighter_or_slower",
        "slower",
        "other_posture",
        "squeeze_more",
        "stand_closer",
        "place_slower",
        "faster",
        "choose_slot",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_findings_hints_checks_and_names_have_words(language: str) -> None:
    assert len(codes()) > 60
    wanted = {f"finding.{c}" for c in codes()} | {f"hint.{h}" for h in hints()} | {f"check.{c}" for c in CHECKS}
    wanted |= {f"skill.{s}" for s in SKILLS} | {f"track.{t}" for t in TRACKS}
    wanted |= {f"parameter.{p.name}" for s in SKILLS.values() for p in s.parameters}
    words = load(language)
    assert sorted(w for w in wanted if not words.has(w)) == []
