"""A short motion that passed preflight, once for all tests here."""

from __future__ import annotations

import pytest

from tests.workbench.connection.released import Released, release_wait


@pytest.fixture(scope="session")
def standing() -> Released:
    """The robot waits for a moment."""
    return release_wait()
