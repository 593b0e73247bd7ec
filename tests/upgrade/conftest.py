"""The old installation, before and after its upgrade."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from recordings.database import connect, migrate
from tests.upgrade.old_installation import Old, put_up


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'otklik.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def old(old_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Old:
    """The old installation as it stands before the upgrade, and this process as one of its programs."""
    there = put_up(tmp_path, old_url)
    for name in [name for name in os.environ if name.startswith("OTKLIK_")]:
        monkeypatch.delenv(name)
    for name, value in there.env.items():
        monkeypatch.setenv(name, value)
    return there


@pytest.fixture
def upgraded(old: Old) -> Iterator[Engine]:
    """Its database after the first start of today's Otklik."""
    migrate(old.url)
    engine = connect(old.url)
    yield engine
    engine.dispose()
