"""A click on the mood of an utterance: what is kept, what is shown, who may."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.kit import auth
from api.kit.roles import Role
from recordings.audio_store import AudioStore
from recordings.database import reading, transaction
from recordings.learning.sentiment_samples import Correction, corrections
from tests.api.example import Example, write_call

pytestmark = pytest.mark.services


@pytest.fixture
def engine(visitor: TestClient) -> Engine:
    return visitor.app.state.engine  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def example(engine: Engine, store: AudioStore) -> Example:
    return write_call(engine, store)


def page_of(client: TestClient, example: Example) -> str:
    return client.get(f"/calls/{example.call.id}").text


def click(client: TestClient, example: Example, sentiment: str, *, turn: int = 1, later: float = 0.0) -> int:
    """Status of the answer."""
    token = re.search(r'name="csrf" value="([^"]+)"', page_of(client, example))
    start = example.transcript.utterances[turn].start + later
    form = {"csrf": token[1] if token else "", "turn": str(turn), "start": str(start), "sentiment": sentiment}
    return client.post(f"/calls/{example.call.id}/sentiment", data=form).status_code


def kept(engine: Engine) -> list[Correction]:
    with reading(engine) as db:
        return [*corrections(db, "ru")]


def test_a_click_is_kept_shown_and_taken_back(browser_of_olga: TestClient, engine: Engine, example: Example) -> None:
    assert click(browser_of_olga, example, "neutral") == 303
    (correction,) = kept(engine)
    assert (correction.sentiment, correction.guess, correction.created_by) == ("neutral", "negative", "olga")
    assert correction.recording_id == example.recording.id
    assert "безобразие" in correction.text
    assert 'class="mood neutral' in page_of(browser_of_olga, example)
    assert click(browser_of_olga, example, "positive") == 303
    assert [one.sentiment for one in kept(engine)] == ["positive"]
    assert click(browser_of_olga, example, "as_model") == 303
    assert kept(engine) == []
    assert 'class="mood neutral' not in page_of(browser_of_olga, example)


def test_words_that_changed_meanwhile_are_not_corrected(
    browser_of_olga: TestClient, engine: Engine, example: Example
) -> None:
    assert click(browser_of_olga, example, "neutral", later=1.0) == 409
    path = f"/calls/{example.call.id}/sentiment"
    token = re.search(r'name="csrf" value="([^"]+)"', page_of(browser_of_olga, example))
    assert token
    form = {"csrf": token[1], "turn": "999", "start": "0", "sentiment": "neutral"}
    assert browser_of_olga.post(path, data=form).status_code == 409
    assert browser_of_olga.post("/calls/none/sentiment", data=form).status_code == 404
    assert browser_of_olga.post(path, data=form | {"sentiment": "furious"}).status_code == 422
    assert kept(engine) == []


def test_the_robot_has_no_feelings(browser_of_olga: TestClient, engine: Engine, example: Example) -> None:
    assert click(browser_of_olga, example, "positive", turn=0) == 422
    assert kept(engine) == []


def test_a_form_of_another_session_changes_nothing(
    browser_of_olga: TestClient, engine: Engine, example: Example
) -> None:
    form = {"csrf": "wrong", "turn": "1", "start": "0", "sentiment": "neutral"}
    assert browser_of_olga.post(f"/calls/{example.call.id}/sentiment", data=form).status_code == 403
    assert kept(engine) == []


def test_an_analyst_reads_and_does_not_teach(visitor: TestClient, engine: Engine, example: Example) -> None:
    with transaction(engine) as db:
        auth.create_user(db, "anna", "correct horse", "ru", role=Role.ANALYST)
    assert visitor.post("/login", data={"login": "anna", "password": "correct horse"}).status_code == 303
    page = page_of(visitor, example)
    assert "безобразие" in page
    assert f"/calls/{example.call.id}/sentiment" not in page
    assert click(visitor, example, "neutral") == 403
    assert kept(engine) == []
