"""Which transcript, analysis and meaning count: every reader says the same, on SQLite and PostgreSQL.

Pages are looked at in ``tests/api/calls/test_selected.py``.
"""

from __future__ import annotations

import csv
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from sqlalchemy import Engine, select, table, text

from recordings.calls.bulk_read import load_stored
from recordings.calls.detail import contact_detail
from recordings.calls.listing import Wanted, keyword_labels, list_contacts
from recordings.database import reading, transaction
from recordings.exports.exports import DATASETS
from recordings.exports.exports import Wanted as Part
from recordings.exports.files import write_file
from recordings.kpi.rows import read_traffic
from recordings.learning.topics import unknown_questions
from recordings.quality import sampling
from recordings.quality.sampling import Draw, Method, Population
from recordings.quality.scorecards import analyses_of, count_analyses, scores_of
from recordings.results import results
from recordings.results.finding import Measures
from recordings.rules import reviews
from recordings.rules.rule_changes import difference, findings_of
from recordings.rules.rule_sets import activate
from tests.recordings.selected import (
    BETWEEN,
    CALLS,
    CARD,
    DRAFT,
    LABEL,
    NOON,
    REASON,
    RUNNING,
    SCORE,
    SENTIMENT,
    SETTLED,
    WORDS,
    WRONG,
    WRONG_WORDS,
    fill,
    recording_of,
)

pytestmark = pytest.mark.services

RECORDINGS = {recording_of(call) for call in CALLS}


@pytest.fixture
def archive(database: Engine) -> Engine:
    fill(database)
    return database


def test_page_and_list(archive: Engine) -> None:
    with reading(archive) as db:
        details = [contact_detail(db, call, original=original) for call in CALLS for original in (False, True)]
        listed = list_contacts(db).contacts
        by_label = {label: list_contacts(db, Wanted(label=label)).total for label in (LABEL, WRONG)}
        by_words = {
            (said, original): list_contacts(db, Wanted(text=said, original=original)).total
            for said in (WORDS, WRONG_WORDS)
            for original in (False, True)
        }
        assert keyword_labels(db) == [LABEL]
    for detail in details:
        assert detail is not None
        assert detail.transcript is not None
        assert [said.text for said in detail.transcript.utterances] == [WORDS]
        assert [finding.label for finding in detail.findings] == [LABEL]
        assert detail.meaning is not None
        assert detail.meaning.reason == REASON
        assert detail.measures is not None
        assert detail.measures.sentiment == {"caller": SENTIMENT}
        assert detail.redaction is not None
        assert detail.redaction.endswith("new")
        assert detail.contact.labels == (LABEL,)
    assert [(one.labels, one.sentiment) for one in listed] == [((LABEL,), SENTIMENT)] * 2
    assert by_label == {LABEL: 2, WRONG: 0}
    assert by_words == {(WORDS, False): 2, (WORDS, True): 2, (WRONG_WORDS, False): 0, (WRONG_WORDS, True): 0}


def test_exports_in_every_format(archive: Engine, tmp_path: Path) -> None:
    for name, dataset in DATASETS.items():
        for kind in ("csv", "xlsx", "parquet"):
            with reading(archive) as db:
                write_file(tmp_path / f"{name}.{kind}", kind, dataset.columns, dataset.rows(db, Part()))
        with (tmp_path / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
        with zipfile.ZipFile(tmp_path / f"{name}.xlsx") as book:
            sheet = "".join(book.read(part).decode() for part in book.namelist() if part.endswith(".xml"))
        columns = parquet.read_table(tmp_path / f"{name}.parquet").to_pydict()
        for what in (repr(lines), sheet, repr(columns)):
            assert WRONG_WORDS not in what, name
            assert f"{WRONG}<" not in what, name
            assert f"'{WRONG}'" not in what, name
        counts = {
            "calls": ("reason", REASON),
            "findings": ("label", LABEL),
            "utterances": ("text", WORDS),
        }
        if name in counts:
            column, value = counts[name]
            assert [line[column] for line in lines] == columns[column] == [value] * 2, name
            assert sheet.count(value) >= 1
        if name == "calls":
            assert columns["caller_sentiment"] == [SENTIMENT] * 2


def test_views_for_other_programs(archive: Engine) -> None:
    def read(view: str) -> list[dict[str, Any]]:
        return [dict(row) for row in connection.execute(select(text("*")).select_from(table(view))).mappings()]

    with archive.connect() as connection:
        assert [row["reason"] for row in read("bi_calls")] == [REASON] * 2
        found = read("bi_findings")
    assert {row["recording_id"] for row in found} == RECORDINGS
    assert [row["label"] for row in found] == [LABEL] * 2


def take(engine: Engine, of: Population) -> Draw:
    with transaction(engine) as db:
        return sampling.draw(db, method=Method.RULE, count=10, seed=1, population=of, scorecard=CARD, by="olga")


def test_samples_are_of_what_is_shown_and_stay_so(archive: Engine) -> None:
    drawn = take(archive, Population(label=LABEL, sentiment="negative"))
    assert set(drawn.drawn) == RECORDINGS
    for wrong in (Population(label=WRONG), Population(sentiment="positive")):
        with pytest.raises(ValueError, match="no call fits"):
            take(archive, wrong)
    with transaction(archive) as db:
        activate(db, DRAFT)  # what was drawn under the other version is still what its seed gives
        again = sampling.redraw(db, drawn)
    assert (again.same_population, again.repeats) == (True, True)
    assert set(take(archive, Population(label=WRONG)).drawn) == RECORDINGS


def test_scores_are_those_of_what_is_shown(archive: Engine) -> None:
    with reading(archive) as db:
        for call in CALLS:
            assert [score.score for score in scores_of(db, recording_of(call))] == [SCORE]
        assert count_analyses(db, RUNNING) == 2
        assert {one.recording_id for one in analyses_of(db, RUNNING, behind="", limit=10)} == RECORDINGS
        first = analyses_of(db, RUNNING, behind="", limit=1)
        second = analyses_of(db, RUNNING, behind=first[0].recording_id, limit=1)
    assert [found.label for one in (*first, *second) for found in one.findings] == [LABEL] * 2


def test_figures_and_topics(archive: Engine) -> None:
    with reading(archive) as db:
        traffic = read_traffic(db, NOON - timedelta(days=1), NOON + timedelta(days=1))
        assert unknown_questions(db, "ru", since=NOON - timedelta(days=1), limit=10) == []
    assert list(traffic.reason) == [REASON] * 2


def test_findings_to_be_judged_are_those_people_see(archive: Engine) -> None:
    with transaction(archive) as db:
        assert reviews.draw(db, rule_set=RUNNING, label=WRONG, count=10, seed=1) == 0
        assert reviews.draw(db, rule_set=RUNNING, label=LABEL, count=10, seed=1) == 2
        # a draft is judged by the same words, where it has examined them
        assert reviews.draw(db, rule_set=DRAFT, label=WRONG, count=10, seed=1) == 1


def test_versions_of_the_rules_are_compared_over_the_same_words(archive: Engine) -> None:
    with reading(archive) as db:
        found = difference(db, before=RUNNING, after=DRAFT)
        old = findings_of(db, RUNNING, sorted(RECORDINGS))
    assert (found.calls, found.only_after) == (1, 1)
    counted = {change.label: (change.before, change.after, change.gained, change.lost) for change in found.changes}
    assert counted == {LABEL: (1, 0, 0, 1), WRONG: (0, 2, 1, 0)}
    (gained,) = (change.gained_examples for change in found.changes if change.label == WRONG)
    assert [example.contact_id for example in gained] == [SETTLED]
    assert {recording: [one.label for one in findings] for recording, findings in old.items()} == {
        recording_of(SETTLED): [LABEL]
    }


def test_workers_take_the_best_words_to_make_them_the_ones_shown(archive: Engine) -> None:
    with reading(archive) as db:
        stored = {one.recording_id: one for one in load_stored(db, sorted(RECORDINGS))}
    settled, between = stored[recording_of(SETTLED)], stored[recording_of(BETWEEN)]
    assert (settled.transcript_id, between.transcript_id) == ("settled-large", "between-large")
    assert REASON in settled.meaning
    assert '"version": "b"' in settled.acoustics


def test_better_words_come_with_all_that_was_made_of_them(archive: Engine) -> None:
    with transaction(archive) as db:
        measures = Measures(duration=60.0, sentiment={"caller": 0.1})
        assert results.insert_analysis_once(
            db,
            recording_id=recording_of(BETWEEN),
            transcript_id="between-large",
            rule_set=RUNNING,
            measures=measures,
            findings=(),
        )
    with reading(archive) as db:
        detail = contact_detail(db, BETWEEN)
        traffic = read_traffic(db, NOON - timedelta(days=1), NOON + timedelta(days=1))
        assert list_contacts(db, Wanted(label=LABEL)).total == 1
    assert detail is not None
    assert detail.transcript is not None
    assert (detail.transcript.engine, detail.findings, detail.contact.sentiment) == ("large", (), 0.1)
    assert dict(zip(traffic.id, traffic.reason, strict=True)) == {SETTLED: REASON, BETWEEN: ""}
