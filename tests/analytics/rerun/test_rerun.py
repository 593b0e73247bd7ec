"""Rules over the archive: resumed, stopped, with the database gone, with recordings erased or analysed meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, insert, select, text, update

from analytics.dictionary import read_rule_set
from analytics.pipeline.dependencies import Dependencies
from analytics.quality.scoring import add_card
from analytics.rerun import rerun
from analytics.rerun.trial import dry_run, try_rules
from analytics.settings import AnalyticsSettings
from analytics.worker.jobs import run_job
from recordings.audio_store import AudioStore
from recordings.calls.listing import Wanted, list_contacts
from recordings.database import reading, transaction
from recordings.jobs import Job, JobState, list_jobs, resume_job, start_job, stop_job
from recordings.quality.scorecards import scores_of
from recordings.rules.reviews import decide, draw, precisions, waiting_reviews
from recordings.rules.rule_changes import Difference
from recordings.rules.rule_sets import activate, add_rule_set
from recordings.settings import StoreSettings
from recordings.tables import AnalysisRow, FindingRow, JobRow, RecordingRow, TranscriptRow
from speech.recognition.words import Speaker, Transcript, Utterance, Word
from speech.settings import SpeechSettings

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD = {"ru/shop.yaml": "деньги: [вернуть деньги]\nпривет: [здравствуйте]\n"}
NEW = {"ru/shop.yaml": "деньги: [вернуть деньги, возврат]\nпока: [до свидания]\n"}
SAID = ("здравствуйте верните мне деньги", "здравствуйте хочу возврат", "просто звоню до свидания")


@pytest.fixture
def here(database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dependencies:
    monkeypatch.setattr(rerun, "CHUNK", 3)
    return Dependencies(
        engine=database,
        sounds=AudioStore(f"file://{tmp_path}"),
        store=StoreSettings(),
        analytics=AnalyticsSettings(),
        speech=SpeechSettings(),
    )


def transcript_of(said: str) -> Transcript:
    words = tuple(
        Word(text=word, start=1 + 0.5 * at, end=1.4 + 0.5 * at, confidence=0.9) for at, word in enumerate(said.split())
    )
    utterance = Utterance(speaker=Speaker.CALLER, start=1, end=words[-1].end, text=said, words=words)
    return Transcript(language="ru", engine="e-1", duration=20.0, utterances=(utterance,))


def fill(engine: Engine, count: int, **broken: Any) -> None:
    """Recordings ``00`` … that say the lines of SAID in turn, an hour apart; some with a body of their own."""
    with transaction(engine) as db:
        for number in range(count):
            name, at = f"{number:02}", NOW + timedelta(hours=number)
            recording = {
                "id": name, "sha256": name, "key": name, "filename": f"{name}.wav", "language": "ru", "duration": 20.0,
                "rate": 8000, "channels": 1, "size": 1, "created_at": at, "state": "analysed", "due_at": at,
            }  # fmt: skip
            body = broken.get(f"r{name}", transcript_of(SAID[number % 3]).to_json())
            transcript = {
                "id": name, "recording_id": name, "engine": "e-1", "language": "ru", "body": body, "text": "",
                "created_at": at,
            }  # fmt: skip
            db.execute(insert(RecordingRow).values(recording))
            db.execute(insert(TranscriptRow).values(transcript))


def add(engine: Engine, files: dict[str, str], *, in_force: bool = False) -> str:
    version = read_rule_set(files).version
    with transaction(engine) as db:
        add_rule_set(db, version, files)
        if in_force:
            activate(db, version)
    return version


def start(here: Dependencies, version: str, **parameters: Any) -> str:
    with transaction(here.engine) as db:
        return start_job(db, "rerun", {"rule_set": version, "processes": 1, **parameters}).id


def run(here: Dependencies, version: str, **parameters: Any) -> Job:
    done = run_job(here, start(here, version, **parameters))
    assert done
    return done


def labels(engine: Engine, version: str) -> list[tuple[str, str]]:
    """Recording and keyword of each finding of a version."""
    with reading(engine) as db:
        found = (
            select(FindingRow.recording_id, FindingRow.label)
            .join(AnalysisRow, AnalysisRow.id == FindingRow.analysis_id)
            .where(AnalysisRow.rule_set == version, FindingRow.kind == "keyword")
        )
        return sorted((row.recording_id, row.label) for row in db.execute(found))


def count(engine: Engine, version: str) -> int:
    with reading(engine) as db:
        return db.scalar(select(func.count()).select_from(AnalysisRow).where(AnalysisRow.rule_set == version)) or 0


def test_a_new_version_over_the_archive_and_what_it_changes(here: Dependencies) -> None:
    fill(here.engine, 7)
    old, new = add(here.engine, OLD, in_force=True), add(here.engine, NEW)
    run(here, old)
    before = labels(here.engine, old)
    done = run(here, new, against=old)
    assert (done.state, done.done, done.failed, done.total) == (JobState.DONE, 7, 0, 7)
    assert labels(here.engine, old) == before  # nothing old is overwritten
    found = Difference.from_json(done.result)
    changes = {c.label: (c.before, c.after, c.gained, c.lost) for c in found.changes if c.kind == "keyword"}
    assert changes == {"деньги": (3, 5, 2, 0), "пока": (0, 2, 2, 0), "привет": (5, 0, 0, 5)}
    (gained,) = (c.gained_examples[-1] for c in found.changes if c.label == "деньги")
    assert (gained.contact_id, gained.start, gained.quote) == ("01", 2.0, "возврат")
    assert dry_run(here.engine, read_rule_set(NEW), against=old, since=None, processes=1).changes
    with reading(here.engine) as db:  # the list shows the version in force, though the draft's analyses are newer
        shown = {contact.id: contact.labels for contact in list_contacts(db, Wanted()).contacts}
    assert shown["01"] == ("привет",)
    with transaction(here.engine) as db:
        activate(db, new)
    with reading(here.engine) as db:
        assert {c.id: c.labels for c in list_contacts(db, Wanted(label="деньги")).contacts}.keys() == {
            "00", "01", "03", "04", "06",
        }  # fmt: skip


def test_dry_run_says_the_same_and_writes_nothing(here: Dependencies) -> None:
    fill(here.engine, 7)
    old, new = add(here.engine, OLD, in_force=True), add(here.engine, NEW)
    run(here, old)
    tried = dry_run(here.engine, read_rule_set(NEW), against=old, since=None, processes=1)
    assert count(here.engine, new) == 0
    done = Difference.from_json(run(here, new, against=old).result)
    figures = [{(c.label, c.before, c.after, c.gained, c.lost) for c in found.changes} for found in (tried, done)]
    assert figures[0] == figures[1]


def test_since_leaves_older_recordings_alone(here: Dependencies) -> None:
    fill(here.engine, 6)
    version = add(here.engine, OLD)
    done = run(here, version, since=(NOW + timedelta(hours=3)).isoformat())
    assert (done.total, done.done) == (3, 3)
    assert {recording for recording, _ in labels(here.engine, version)} == {"03", "04"}


def test_several_processes_find_the_same(here: Dependencies) -> None:
    fill(here.engine, 8)
    one, two = add(here.engine, OLD), add(here.engine, {"ru/other.yaml": OLD["ru/shop.yaml"]})
    run(here, one)
    done = run(here, two, processes=2)
    assert (done.state, done.done) == (JobState.DONE, 8)
    assert labels(here.engine, one) == labels(here.engine, two)


def test_a_stopped_run_goes_on_where_it_stood(here: Dependencies, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(here.engine, 9)
    version = add(here.engine, OLD)
    job_id, stored = start(here, version), rerun.store

    def stop_after_the_first(engine: Engine, examined: Any) -> None:
        stored(engine, examined)
        with transaction(engine) as db:
            stop_job(db, job_id)

    monkeypatch.setattr(rerun, "store", stop_after_the_first)
    stopped = run_job(here, job_id)
    assert stopped
    assert (stopped.state, count(here.engine, version)) == (JobState.STOPPED, 3)
    monkeypatch.setattr(rerun, "store", stored)
    with transaction(here.engine) as db:
        resume_job(db, job_id)
    done = run_job(here, job_id)
    assert done
    assert (done.state, count(here.engine, version)) == (JobState.DONE, 9)


def test_the_database_goes_away_in_the_middle(here: Dependencies, monkeypatch: pytest.MonkeyPatch) -> None:
    if here.engine.dialect.name != "postgresql":
        pytest.skip("SQLite is a file")
    fill(here.engine, 9)
    version = add(here.engine, OLD)
    job_id, stored = start(here, version), rerun.store
    cut: list[bool] = []

    def cut_off(engine: Engine, examined: Any) -> None:
        stored(engine, examined)
        if not cut:  # as a restart does: every connection of this database is gone
            cut.append(True)
            with engine.connect() as db:
                others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                db.execute(text(f"{others} AND pid <> pg_backend_pid()"))
                connection = db.connection.dbapi_connection
                assert connection
                connection.close()
            with engine.connect() as db:
                db.execute(text("SELECT 1"))

    monkeypatch.setattr(rerun, "store", cut_off)
    run_job(here, job_id)
    with transaction(here.engine) as db:  # the wait of a job that was put off is over
        db.execute(update(JobRow).values(worker=""))
    run_job(here, job_id)
    with reading(here.engine) as db:
        assert db.scalar(select(JobRow.state)) == JobState.DONE
    assert count(here.engine, version) == 9
    assert len(labels(here.engine, version)) == len(set(labels(here.engine, version)))


def test_a_recording_is_erased_and_another_analysed_meanwhile(
    here: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(here.engine, 6)
    version = add(here.engine, OLD)
    stored = rerun.store
    meanwhile = [
        delete(RecordingRow).where(RecordingRow.id == "01"),
        insert(AnalysisRow).values(
            id="theirs", transcript_id="02", recording_id="02", rule_set=version, measures={}, created_at=NOW
        ),
    ]

    def change_first(engine: Engine, examined: Any) -> None:
        with transaction(engine) as db:
            while meanwhile:
                db.execute(meanwhile.pop())
        stored(engine, examined)

    monkeypatch.setattr(rerun, "store", change_first)
    done = run(here, version)
    assert done.state is JobState.DONE
    assert count(here.engine, version) == 5
    assert "01" not in {recording for recording, _ in labels(here.engine, version)}


def test_what_cannot_be_read_is_told_and_the_others_go_on(here: Dependencies) -> None:
    empty = Transcript(language="ru", engine="e-1", duration=20.0, utterances=()).to_json()
    fill(here.engine, 6, r01={"language": "ru"}, r02=empty, r04=transcript_of("hello").to_json() | {"language": "fi"})
    done = run(here, add(here.engine, OLD))
    assert (done.state, done.done, done.failed) == (JobState.DONE, 5, 1)
    assert "recording 01: KeyError" in done.result["faults"][0]


def test_unknown_and_faulty_versions_end_the_job_with_their_reason(here: Dependencies) -> None:
    fill(here.engine, 1)
    unknown = run(here, "ffffffffffff")
    assert (unknown.state, "no version" in unknown.failure) == (JobState.FAILED, True)


def test_trial_warns_of_a_rule_that_matches_everything(here: Dependencies) -> None:
    fill(here.engine, 6)
    trial = try_rules(here.engine, read_rule_set({"ru/shop.yaml": "всё: [здравствуйте, звоню]\nсуд: [суд]\n"}))
    everything, court = trial.labels
    assert (trial.calls, everything.calls, everything.share, everything.too_many) == (6, 6, 1.0, True)
    assert (everything.hits[0][0].contact_id, everything.hits[0][0].start) == ("05", 1.5)
    assert (court.calls, court.too_many) == (0, False)
    assert count(here.engine, read_rule_set(OLD).version) == 0


def test_precision_is_estimated_from_drawn_findings(here: Dependencies) -> None:
    fill(here.engine, 9)
    version = add(here.engine, OLD)
    run(here, version)
    with transaction(here.engine) as db:
        assert draw(db, rule_set=version, label="привет", count=4, seed=7) == 4
        assert draw(db, rule_set=version, label="привет", count=4, seed=7) == 0  # the same seed draws the same
        drawn = waiting_reviews(db, version, "привет")
        assert len({review.contact_id for review in drawn}) == 4
        for number, review in enumerate(drawn[:3]):
            assert decide(db, review.id, right=number > 0, by="olga")
        assert not decide(db, "nobody", right=True, by="olga")
        (found,) = precisions(db, version)
    assert (found.label, found.n, found.right, found.waiting) == ("привет", 3, 2, 1)
    assert (round(found.low or 0, 3), round(found.high or 0, 3)) == (0.208, 0.939)  # scipy: binomtest(2, 3), wilson


CARD = """
name: money
title: Деньги
sections:
  - name: all
    title: Всё
    items:
      - {name: refund, title: Просили вернуть деньги, weight: 10, rule: {found: {label: деньги}}}
"""


def scores(engine: Engine, jobs: int) -> dict[str, float | None]:
    """Recording → its score by the rules in force, after so many jobs have been ordered in all."""
    with reading(engine) as db:
        assert len(list_jobs(db, 50, kind="score")) == jobs
        found = {f"{number:02}": scores_of(db, f"{number:02}") for number in range(3)}
    return {name: some[0].score for name, some in found.items() if some}


def test_scorecards_go_over_the_archive_and_follow_the_rules_in_force(here: Dependencies) -> None:
    fill(here.engine, 3)
    old, new = add(here.engine, OLD, in_force=True), add(here.engine, NEW)
    run(here, old)
    assert scores(here.engine, 0) == {}
    with transaction(here.engine) as db:
        card, problems = add_card(db, CARD, by="olga")
        assert (problems, card is not None) == ([], True)
    assert score_all(here) == 3
    assert scores(here.engine, 1) == {"00": 100.0, "01": 0.0, "02": 0.0}
    run(here, new, against=old)
    assert scores(here.engine, 1) == {"00": 100.0, "01": 0.0, "02": 0.0}  # a draft's findings score nobody
    with transaction(here.engine) as db:
        activate(db, new)
    assert score_all(here) == 3
    assert scores(here.engine, 2) == {"00": 100.0, "01": 100.0, "02": 0.0}
    run(here, new)
    assert score_all(here) == 0  # what is scored is scored


def score_all(here: Dependencies) -> int:
    """Do the newest job that scores; how many scores were new."""
    with reading(here.engine) as db:
        (job, *_) = list_jobs(db, 1, kind="score")
    done = run_job(here, job.id)
    assert done is not None
    assert done.state is JobState.DONE
    return int(done.result["scores"])
