"""Korean particles fit the sound before them."""

from __future__ import annotations

import pytest

from workbench.i18n import load
from workbench.particles import fit_particles


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("토트이(가) 미끄러집니다", "토트가 미끄러집니다"),
        ("랙이(가) 닿습니다", "랙이 닿습니다"),
        ("랙와(과) 토트", "랙과 토트"),
        ("토트와(과) 랙", "토트와 랙"),
        ("팔레트 랙(으)로 보행", "팔레트 랙으로 보행"),
        ("선반 2(으)로", "선반 2로"),
        ("교실(으)로", "교실로"),
        ("“들기”을(를)", "“들기”를"),
        ("3을(를)", "3을"),
        ("rack을(를)", "rack을(를)"),
        ("괄호 (예) 그대로", "괄호 (예) 그대로"),
    ],
)
def test_the_form_follows_the_last_sound(written: str, read: str) -> None:
    assert fit_particles(written) == read


def test_a_korean_sentence_is_fitted_after_its_names_are_filled_in() -> None:
    assert load("ko")("timeline.step.walk", station="작업대") == "작업대로 보행"
    assert load("en")("timeline.step.walk", station="bench") == "Walk to bench"
