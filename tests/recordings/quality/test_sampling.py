"""Samples that can be drawn again, and what people are ranked by, on SQLite and PostgreSQL."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, update

from recordings.database import reading, transaction
from recordings.quality import evaluations, ranking, sampling, scorecards
from recordings.quality.ranking import Period
from recordings.quality.sampling import Draw, Method, Population
from recordings.tables import DrawRow, RecordingRow, SurveyRow
from tests.recordings.archive import NINE, analyse, keep_call

pytestmark = pytest.mark.services

CARD = "a" * 12


@pytest.fixture
def archive(database: Engine) -> Engine:
    """Six calls of Ivan, three of Anna, one of the robot alone."""
    for number in range(6):
        at = NINE + timedelta(hours=number)
        keep_call(database, f"ivan{number}", started=at, seconds=60 + 10 * number, sentiment=0.1 * number)
    for number in range(3):
        labels = ["claims/refund"] if number else ["claims_of_others"]
        keep_call(database, f"anna{number}", agent="PJSIP/anna", labels=labels, sentiment=-0.5)
    keep_call(database, "robot", agent="", outcome="settled")
    with transaction(database) as db:
        scorecards.add_scorecard(db, version=CARD, name="service", text="v1", by="olga")
    return database


def take(
    engine: Engine, method: Method = Method.RANDOM, *, count: int = 4, seed: int = 7, of: Population | None = None
) -> Draw:
    with transaction(engine) as db:
        return sampling.draw(
            db, method=method, count=count, seed=seed, population=of or Population(), scorecard=CARD, by="olga"
        )


def names(drawn: Draw) -> set[str]:
    return {recording.removeprefix("recording-") for recording in drawn.drawn}


def test_a_draw_is_repeated_by_anybody(archive: Engine) -> None:
    drawn = take(archive)
    assert (drawn.size, len(drawn.drawn), drawn.created_by) == (9, 4, "olga")
    everybody = [f"recording-ivan{n}" for n in range(6)] + [f"recording-anna{n}" for n in range(3)]
    assert drawn.sha256 == hashlib.sha256("\n".join(sorted(everybody)).encode()).hexdigest()
    by_hand = sorted(everybody, key=lambda name: hashlib.sha256(f"7:{name}".encode()).hexdigest())
    assert list(drawn.drawn) == by_hand[:4]
    with reading(archive) as db:
        assert sampling.find_draw(db, drawn.id) == drawn
        assert sampling.list_draws(db) == [drawn]
        again = sampling.redraw(db, drawn)
    assert (again.size, again.same_population, again.gone, again.repeats) == (9, True, 0, True)
    assert take(archive).drawn == drawn.drawn
    assert take(archive, seed=8).drawn != drawn.drawn


def test_later_calls_and_analyses_do_not_change_it(archive: Engine) -> None:
    refunds = take(archive, Method.RULE, of=Population(label="claims"))
    assert names(refunds) == {"anna1", "anna2"}
    keep_call(archive, "late", labels=["claims/refund"], started=NINE + timedelta(days=9))
    analyse(archive, "anna1", rule_set="r9")  # the rule has changed and finds nothing there any more
    with reading(archive) as db:
        again = sampling.redraw(db, refunds)
    assert (again.same_population, again.repeats) == (True, True)
    with transaction(archive) as db:
        db.execute(update(RecordingRow).where(RecordingRow.id == "recording-late").values(created_at=NINE))
    assert names(take(archive, Method.RULE, of=Population(label="claims"))) == {"anna2", "late"}


def test_an_erased_call_is_told_from_a_forged_draw(archive: Engine) -> None:
    drawn = take(archive)
    with transaction(archive) as db:
        db.execute(delete(RecordingRow).where(RecordingRow.id == drawn.drawn[1]))
    with reading(archive) as db:
        again = sampling.redraw(db, drawn)
        lines = sampling.work_list(db, drawn)
    assert (again.size, again.same_population, again.gone, again.repeats) == (8, False, 1, True)
    assert [bool(line.contact_id) for line in lines] == [True, False, True, True]
    with transaction(archive) as db:
        db.execute(update(DrawRow).where(DrawRow.id == drawn.id).values(drawn=list(reversed(drawn.drawn))))
        forged = sampling.find_draw(db, drawn.id)
        assert forged is not None
        assert not sampling.redraw(db, forged).repeats
        assert not sampling.redraw(db, replace(drawn, seed=8)).repeats


def test_everybody_gets_the_same_number(archive: Engine) -> None:
    drawn = take(archive, Method.PER_AGENT, count=2)
    assert Counter(name[:4] for name in names(drawn)) == {"ivan": 2, "anna": 2}
    more = take(archive, Method.PER_AGENT, count=5)
    assert Counter(name[:4] for name in names(more)) == {"ivan": 5, "anna": 3}


FILTERS = (
    (Population(agents=("PJSIP/anna",)), {"anna0", "anna1", "anna2"}),
    (Population(sentiment="negative"), {"anna0", "anna1", "anna2"}),
    (Population(sentiment="positive"), {"ivan2", "ivan3", "ivan4", "ivan5"}),
    (Population(shortest=80, longest=100), {"ivan2", "ivan3", "ivan4"}),
    (Population(outcome="settled", robot_too=True), {"robot"}),
    (Population(since=NINE + timedelta(hours=4), until=NINE + timedelta(hours=5)), {"ivan4"}),
    (Population(label="claims/refund"), {"anna1", "anna2"}),
    (Population(language="ru", agents=("PJSIP/ivan",), longest=60), {"ivan0"}),
)


def test_filters(archive: Engine) -> None:
    for of, expected in FILTERS:
        drawn = take(archive, Method.RULE, count=1000, of=of)
        assert names(drawn) == expected
        assert drawn.population == of  # it comes back from its row as it was


def test_what_cannot_be_drawn(archive: Engine) -> None:
    for count, of in ((0, Population()), (1001, Population()), (1, Population(language="ko"))):
        with pytest.raises(ValueError):
            take(archive, count=count, of=of)


def test_the_work_list_shows_who_is_at_it(archive: Engine) -> None:
    drawn = take(archive)
    with transaction(archive) as db:
        evaluations.open_evaluation(
            db, recording_id=drawn.drawn[2], scorecard=CARD, evaluator="kate", answers={}, draw_id=drawn.id
        )
        lines = sampling.work_list(db, drawn)
    assert [line.recording_id for line in lines] == list(drawn.drawn)
    assert [line.evaluation.evaluator if line.evaluation else "" for line in lines] == ["", "", "kate", ""]


def test_only_scores_that_count_are_ranked(archive: Engine) -> None:
    def evaluate(call: str, score: float | None, *, calibration: str = "") -> str:
        with transaction(archive) as db:
            kept, _ = evaluations.open_evaluation(
                db,
                recording_id=f"recording-{call}",
                scorecard=CARD,
                evaluator="olga",
                answers={},
                calibration=calibration,
            )
            evaluations.submit(db, kept.id, answers={}, comment="", score=score)
        return kept.id

    evaluate("ivan0", 90.0)
    evaluate("ivan1", None)  # nothing applied
    evaluate("ivan2", 10.0, calibration="ноябрь")
    appealed, settled = evaluate("anna0", 20.0), evaluate("anna1", 30.0)
    evaluate("robot", 50.0)
    with transaction(archive) as db:
        evaluations.open_evaluation(db, recording_id="recording-ivan3", scorecard=CARD, evaluator="olga", answers={})
        for evaluation in (appealed, settled):
            evaluations.appeal(db, evaluation, "нет")
        evaluations.settle(db, settled, answers={}, score=70.0, decision="да", by="boss")
        samples = ranking.evaluation_scores(db, Period(), scorecard="service")
        assert {(s.agent, s.value, s.contact_id) for s in samples} == {
            ("PJSIP/ivan", 90.0, "ivan0"),
            ("PJSIP/anna", 70.0, "anna1"),
        }
        assert {s.evaluation_id for s in samples if s.agent == "PJSIP/anna"} == {settled}
        assert len(ranking.evaluation_scores(db, Period(), agent="PJSIP/ivan")) == 1
        assert ranking.evaluation_scores(db, Period(), scorecard="other") == []
        assert ranking.evaluation_scores(db, Period(until=NINE)) == []


def test_times_and_ratings(archive: Engine) -> None:
    with transaction(archive) as db:
        for number, rating in enumerate((5, None, 2)):
            answered = NINE if rating else None
            db.add(
                SurveyRow(id=str(number), call_id=f"anna{number}", asked_at=NINE, answered_at=answered, rating=rating)
            )
    with reading(archive) as db:
        late = Period(since=NINE + timedelta(hours=4))
        assert [(s.contact_id, s.value) for s in ranking.handle_seconds(db, late)] == [
            ("ivan4", 90.0),
            ("ivan5", 100.0),
        ]
        assert [s.value for s in ranking.ratings(db, Period())] == [5.0, 2.0]
        assert ranking.ratings(db, Period(), agent="PJSIP/ivan") == []
