"""Every test module declares exactly one marker, so that a run can be cut by what it needs."""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.services", "tests.telephony"]

KINDS = {"unit", "models", "services", "asterisk", "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        kinds = KINDS.intersection(mark.name for mark in item.iter_markers())
        if len(kinds) != 1:
            raise pytest.UsageError(f"{item.nodeid}: declare one of {sorted(KINDS)}, found {sorted(kinds)}")
