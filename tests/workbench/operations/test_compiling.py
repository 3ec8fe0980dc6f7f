"""Who waits for the compiler is told so."""

from __future__ import annotations

import numba

from workbench.operations.compiling import compiling_remarked


class Told:
    def __init__(self) -> None:
        self.remarks: list[str] = []

    def __call__(self, fraction: float) -> None: ...

    def remark(self, key: str) -> None:
        self.remarks.append(key)


def test_compiling_is_remarked_and_running_what_is_compiled_is_not() -> None:
    twice = numba.njit(lambda x: 2 * x)
    told = Told()
    with compiling_remarked(told):
        assert twice(2) == 4
        first = list(told.remarks)
        assert twice(3) == 6
    assert first == told.remarks == ["job.compiling"]
    thrice = numba.njit(lambda x: 3 * x)
    assert thrice(1) == 3
    assert told.remarks == first


def test_progress_that_takes_no_remarks_is_left_alone() -> None:
    shares: list[float] = []
    with compiling_remarked(shares.append):
        assert numba.njit(lambda x: x)(1) == 1
    assert shares == []
