"""A desk where quality is looked after."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from analytics.quality.scoring import add_card
from api.kit.roles import Role
from recordings.audio_store import AudioStore
from recordings.database import migrate, transaction
from recordings.tables import UserRow
from tests.api.example import write_call
from tests.api.quality.desks import TEXT, Desk


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what the stores do on PostgreSQL is asked in tests/recordings."""
    url = f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(url)
    return url


@pytest.fixture
def desk(visitor: TestClient, store: AudioStore) -> Desk:
    engine = visitor.app.state.engine  # type: ignore[attr-defined]
    call = write_call(engine, store)
    people = (
        ("kate", Role.QUALITY, ""),
        ("boss", Role.SUPERVISOR, ""),
        ("ivan", Role.AGENT, "PJSIP/agent"),
        ("petr", Role.AGENT, "PJSIP/other"),
    )
    with transaction(engine) as db:
        for login, role, agent in people:  # nobody gives a password here: hashing takes its time
            db.add(
                UserRow(
                    id=login,
                    login=login,
                    password_hash="",
                    language="ru",
                    role=role,
                    agent=agent,
                    created_at=datetime.now(UTC),
                )
            )
        card, problems = add_card(db, TEXT, by="olga")
    assert card, problems
    return Desk(client=visitor, engine=engine, call=call, version=card.version)
