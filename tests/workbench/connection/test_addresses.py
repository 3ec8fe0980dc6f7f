"""Addresses that a user mistypes are told at once, before a process is started for them."""

from __future__ import annotations

import pytest

from workbench.errors import WorkbenchError
from workbench.registry import plugin_for


@pytest.mark.parametrize("address", ["ws://127.0.0.1:8765.", "127.0.0.1:99999", "ws://[::1", ""])
def test_a_mistyped_address_is_named(address: str) -> None:
    with pytest.raises(WorkbenchError) as caught:
        plugin_for(address)
    assert caught.value.code == "connection.bad_address"
    assert caught.value.params["address"] == address


@pytest.mark.parametrize("address", ["ws://127.0.0.1:8765", "127.0.0.1:8765", "localhost"])
def test_a_good_one_finds_its_plugin(address: str) -> None:
    assert "ws" in plugin_for(address).schemes
