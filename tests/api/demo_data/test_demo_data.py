"""The generated month: its plan, its words, its rows through the real stages, its sound, and that it goes again."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from sqlalchemy import Engine, func, select

from api.demo_data import fill as demo_data
from api.demo_data.month import DAYS, PREFIX, plan
from api.demo_data.script import hold, stock
from api.demo_data.write import held
from recordings.audio_store import AudioStore
from recordings.database import connect, reading, transaction
from recordings.kpi.kpi import Terms, figures
from recordings.kpi.rows import read_traffic
from recordings.tables import (
    AlertRow,
    AnalysisRow,
    CallRow,
    CustomerRow,
    EvaluationRow,
    MeaningRow,
    RecordingRow,
    RedactionRow,
    ScoreRow,
    Table,
    TranscriptRow,
)
from speech.audio.audio import read_sound
from speech.recognition.words import Speaker
from speech.settings import home

pytestmark = pytest.mark.models

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
MADE: tuple[type[Table], ...] = (
    CallRow,
    CustomerRow,
    RecordingRow,
    TranscriptRow,
    AnalysisRow,
    EvaluationRow,
    AlertRow,
)


def test_the_month_has_the_shape_of_a_call_centre() -> None:
    month = plan(calls=2000, languages=("ru", "en"), seed=1, until=NOW)
    assert month[:100] != plan(calls=2000, languages=("ru", "en"), seed=2, until=NOW)[:100]
    assert len({call.id for call in month}) == 2000
    assert all(first.at <= second.at for first, second in pairwise(month))
    assert NOW - timedelta(days=DAYS) <= month[0].at
    assert month[-1].at < NOW
    by_hour = Counter((call.at + timedelta(hours=3)).hour for call in month)
    assert by_hour[11] > 5 * by_hour[7] > 5 * by_hour[3]
    asked = sum(call.asked for call in month)
    assert 0.2 < sum(call.rating is not None for call in month) / asked < 0.3
    assert 50 < sum(call.gives_up for call in month) < 300
    phones = Counter(call.person.phone for call in month if call.person)
    assert len(phones) == len({call.person.id for call in month if call.person})  # a number a person
    assert max(phones.values()) >= 4
    halves = [sum(call.script.theme for call in part) for part in (month[:1000], month[1000:])]
    assert halves[1] > 1.3 * halves[0]  # what no intent knows grows


@pytest.mark.parametrize("language", ["ru", "en"])
def test_conversations_have_all_their_words_in_order(language: str) -> None:
    known = stock(language)
    assert len(known.scripts) >= 12
    assert sum(script.theme for script in known.scripts) == 3
    for call in plan(calls=300, languages=(language,), seed=3, until=NOW):
        talk = held(call)
        assert "{" not in "".join(said.text for said in talk.utterances)
        for said in talk.utterances:
            assert " ".join(word.text for word in said.words) == said.text
            assert all(first.end <= second.start for first, second in pairwise(said.words))
            assert said.words[-1].end <= said.end <= talk.duration
        spoke = Counter(said.speaker for said in talk.utterances)
        assert (spoke[Speaker.AGENT] > 0) == bool(call.agent) == (talk.joined is not None)
        if talk.joined is not None and talk.queued is not None:
            assert talk.joined - talk.queued == pytest.approx(call.wait, abs=0.4)


def test_poor_agents_interrupt_and_leave_silence() -> None:
    script = next(script for script in stock("ru").scripts if script.name == "late")
    good, poor = (hold(script, stock("ru"), Random(1), good=good, wait=9) for good in (True, False))
    overlaps = [sum(a.end > b.start for a, b in pairwise(talk.utterances)) for talk in (good, poor)]
    assert overlaps[0] == 0 < overlaps[1]
    assert "извинения" in " ".join(said.text for said in good.utterances)


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An empty installation of its own, with the models of this one."""
    monkeypatch.setenv("OTKLIK_MODELS_DIR", str(home() / "models"))
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    monkeypatch.setenv("OTKLIK_DATABASE_URL", f"sqlite:///{tmp_path / 'otklik.db'}")
    monkeypatch.setenv("OTKLIK_AUDIO_URL", f"file://{tmp_path / 'sound'}")
    return connect(f"sqlite:///{tmp_path / 'otklik.db'}")


def counted(engine: Engine) -> dict[str, int]:
    with reading(engine) as db:
        return {table.__tablename__: db.scalar(select(func.count()).select_from(table)) or 0 for table in MADE}


def test_a_month_is_made_through_the_real_stages_once_and_goes_again(
    installation: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as broken:  # the power fails after the first calls
        broken.setattr(demo_data, "examine_all", _power_failure)
        with pytest.raises(KeyboardInterrupt):
            demo_data.fill(calls=40, language="both", sound=1, seed=1, again=False, by="cli:tests")
    assert counted(installation)["calls"] == 40
    assert counted(installation)["analyses"] == 0
    with transaction(installation) as db:
        db.add(CustomerRow(id="anna", name="Анна", phone="+79161234567", language="ru", created_at=NOW))

    assert (
        demo_data.fill(calls=7, language="ru", sound=0, seed=9, again=False, by="cli:tests") == 0
    )  # goes on with what was begun
    made = counted(installation)
    assert (made["calls"], made["recordings"], made["transcripts"]) == (40, 40, 39)
    assert made["analyses"] == 39
    with reading(installation) as db:
        for table in (MeaningRow, RedactionRow):
            assert db.scalar(select(func.count()).select_from(table)) == 39
        assert db.scalar(select(func.count()).select_from(ScoreRow))
        assert len(set(db.scalars(select(MeaningRow.reason)))) > 3
        assert not db.scalar(select(RedactionRow.id).where(RedactionRow.text.contains("сто двадцать три")))
        now = datetime.now(UTC)
        calls = read_traffic(db, now - timedelta(days=31), now)
        found = figures(calls, Terms(now=now))
        assert len(calls) == 40
        assert None not in [found[name].value for name in ("containment", "handling", "waiting", "service_level")]
        spoken = db.scalars(select(RecordingRow).where(RecordingRow.key != "")).one()
        assert spoken.state == "registered"  # for the workers
    with AudioStore(f"file://{tmp_path / 'sound'}").open(spoken.key) as file:
        sound = read_sound(file)
    assert (sound.channels, sound.rate) == (2, 8000)
    assert [float(np.abs(sound.samples[channel]).max()) > 2000 for channel in (0, 1)] == [True, True]

    assert demo_data.fill(calls=40, language="both", sound=1, seed=1, again=False, by="cli:tests") == 1
    assert "already" in capsys.readouterr().err
    assert counted(installation) == made
    assert demo_data.remove_all(by="cli:tests") == 0
    left = counted(installation)
    assert left.pop("customers") == 1
    assert set(left.values()) == {0}
    assert not list((tmp_path / "sound").rglob("*.wav"))
    assert demo_data.remove_all(by="cli:tests") == 0
    installation.dispose()


def _power_failure(*_: object, **__: object) -> int:
    raise KeyboardInterrupt


def test_every_id_shows_that_it_is_made_up() -> None:
    month = plan(calls=50, languages=("en",), seed=1, until=NOW)
    assert month == plan(calls=50, languages=("en",), seed=1, until=NOW)  # the same seed, the same month
    assert all(call.id.startswith(PREFIX) and (not call.person or call.person.id.startswith(PREFIX)) for call in month)
