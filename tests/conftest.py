"""Every test module declares exactly one marker, so that a run can be cut by what it needs."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from analytics.alerts.settings import alert_settings
from analytics.settings import analytics_settings
from ivr.settings import robot_settings
from recordings.privacy.settings import privacy_settings
from speech.settings import speech_settings

pytest_plugins = ["tests.services", "tests.telephony", "tests.api.own_home"]

READ_ONCE = (alert_settings, analytics_settings, privacy_settings, robot_settings, speech_settings)
"""Settings of a process: each test is one of its own."""
# the suite asks the same each time: what nobody has seen yet is looked for by `python -m tests.fuzz` with a new seed
settings.register_profile("suite", derandomize=True, database=None)
settings.load_profile("suite")
settings.register_profile(
    "fuzz",
    derandomize=True,
    max_examples=300,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
KINDS = {"unit", "models", "services", "asterisk", "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        kinds = KINDS.intersection(mark.name for mark in item.iter_markers())
        if len(kinds) != 1:
            raise pytest.UsageError(f"{item.nodeid}: declare one of {sorted(KINDS)}, found {sorted(kinds)}")


@pytest.fixture(autouse=True)
def _settings_of_this_test() -> None:
    for read in READ_ONCE:
        read.cache_clear()
