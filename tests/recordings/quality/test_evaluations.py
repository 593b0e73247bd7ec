"""Scorecards, evaluations, notes and agents as they are kept, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, delete, select

from recordings.database import reading, transaction
from recordings.quality import agents, coaching, evaluations, scorecards
from recordings.quality.evaluation import Answer, Evaluation, EvaluationState
from recordings.quality.evaluations import WantedEvaluations
from recordings.tables import AnalysisRow, RecordingRow
from tests.recordings.archive import analyse, keep_call

pytestmark = pytest.mark.services

CARD, NEXT = "a" * 12, "b" * 12
YES = {"greeting": Answer(answer="yes", automatic="yes", start=1.0, end=2.0, quote="добрый день")}
NO = {"greeting": Answer(answer="no", automatic="yes", comment="не оператор")}


@pytest.fixture
def desk(database: Engine) -> Engine:
    """One analysed call of Ivan and a running scorecard."""
    keep_call(database, "1")
    with transaction(database) as db:
        assert scorecards.add_scorecard(db, version=CARD, name="service", text="v1", by="olga")
    return database


def begin(engine: Engine, evaluator: str = "olga", *, card: str = CARD) -> tuple[Evaluation, bool]:
    with transaction(engine) as db:
        return evaluations.open_evaluation(
            db, recording_id="recording-1", scorecard=card, evaluator=evaluator, answers=YES
        )


def found(engine: Engine, evaluation: Evaluation) -> Evaluation:
    with reading(engine) as db:
        now = evaluations.find_evaluation(db, evaluation.id)
    assert now is not None
    return now


def test_a_new_version_retires_the_old_one_and_changes_nothing_of_it(desk: Engine) -> None:
    with transaction(desk) as db:
        assert not scorecards.add_scorecard(db, version=CARD, name="service", text="v1", by="kate")
        assert scorecards.add_scorecard(db, version=NEXT, name="service", text="v2", by="kate")
    with reading(desk) as db:
        assert [(card.version, card.running) for card in scorecards.list_scorecards(db)] == [
            (NEXT, True),
            (CARD, False),
        ]
        old = scorecards.find_scorecard(db, CARD)
        assert old is not None
        assert (old.text, old.created_by) == ("v1", "olga")
    with transaction(desk) as db:
        assert scorecards.add_scorecard(db, version=CARD, name="service", text="v1", by="kate")  # back to the old one
        assert [card.version for card in scorecards.list_scorecards(db, running_only=True)] == [CARD]
        assert scorecards.retire_scorecard(db, "service")
        assert not scorecards.retire_scorecard(db, "service")
        assert scorecards.list_scorecards(db, running_only=True) == []


def test_two_new_versions_at_once_leave_one_running(desk: Engine) -> None:
    def add(version: str) -> bool:
        with transaction(desk) as db:
            return scorecards.add_scorecard(db, version=version, name="service", text=version, by="olga")

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(add, ["c" * 12, "d" * 12, "e" * 12, "f" * 12]))
    with reading(desk) as db:
        assert len(scorecards.list_scorecards(db, running_only=True)) == 1


def test_a_score_is_kept_once_and_that_of_the_newest_analysis_is_shown(desk: Engine) -> None:
    def keep(score: float) -> list[bool]:
        with transaction(desk) as db:
            ids = db.scalars(select(AnalysisRow.id).order_by(AnalysisRow.created_at)).all()
            return [
                scorecards.insert_score_once(
                    db, analysis_id=of, recording_id="recording-1", scorecard=CARD, answers=YES, score=score
                )
                for of in ids
            ]

    assert keep(50.0) == [True]
    analyse(desk, "1")
    assert keep(75.0) == [False, True]
    with reading(desk) as db:
        (shown,) = scorecards.scores_of(db, "recording-1")
    assert (shown.score, shown.answers) == (75.0, YES)


def test_from_draft_to_a_settled_appeal(desk: Engine) -> None:
    draft, new = begin(desk)
    assert new
    assert (draft.state, draft.agent, draft.contact_id, draft.answers) == ("draft", "PJSIP/ivan", "1", YES)
    with transaction(desk) as db:
        assert evaluations.save_draft(db, draft.id, answers=NO, comment="пока так")
        assert not evaluations.acknowledge(db, draft.id)
        assert evaluations.submit(db, draft.id, answers=YES, comment="хорошо", score=100.0)
        assert not evaluations.submit(db, draft.id, answers=NO, comment="", score=0.0)
        assert not evaluations.save_draft(db, draft.id, answers=NO, comment="")
        assert not evaluations.discard(db, draft.id)
        assert not evaluations.settle(db, draft.id, answers=NO, score=0.0, decision="рано", by="boss")
        assert evaluations.appeal(db, draft.id, "я здоровался")
        assert not evaluations.acknowledge(db, draft.id)
        assert evaluations.settle(db, draft.id, answers=NO, score=0.0, decision="прослушано", by="boss")
        assert not evaluations.settle(db, draft.id, answers=YES, score=100.0, decision="снова", by="other")
    now = found(desk, draft)
    assert (now.state, now.score, now.answers) == ("settled", 100.0, YES)  # what was submitted stays
    assert (now.result, now.standing) == (0.0, NO)
    assert (now.appeal, now.decision, now.decided_by) == ("я здоровался", "прослушано", "boss")
    assert not now.answers["greeting"].overridden
    assert now.standing["greeting"].overridden


def test_who_acknowledges_appeals_no_more(desk: Engine) -> None:
    draft, _ = begin(desk)
    with transaction(desk) as db:
        evaluations.submit(db, draft.id, answers=YES, comment="", score=None)
        assert evaluations.acknowledge(db, draft.id)
        assert not evaluations.appeal(db, draft.id, "поздно")
    assert found(desk, draft).state is EvaluationState.ACKNOWLEDGED


def test_two_evaluators_of_one_call_get_one_evaluation(desk: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda login: begin(desk, login), ["olga", "kate", "boris", "vera"]))
    assert sum(new for _, new in opened) == 1
    assert len({evaluation.id for evaluation, _ in opened}) == 1
    (first, _), *_ = opened

    def send(score: float) -> bool:
        with transaction(desk) as db:
            return evaluations.submit(db, first.id, answers=YES, comment="", score=score)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, [10.0, 20.0, 30.0, 40.0])) == 1


def test_a_draft_keeps_its_version_when_the_scorecard_is_retired(desk: Engine) -> None:
    draft, _ = begin(desk)
    with transaction(desk) as db:
        scorecards.add_scorecard(db, version=NEXT, name="service", text="v2", by="kate")
        assert evaluations.submit(db, draft.id, answers=YES, comment="", score=100.0)
    assert found(desk, draft).scorecard == CARD
    other, new = begin(desk, "kate", card=NEXT)
    assert new
    assert other.id != draft.id


def test_a_recording_erased_takes_its_evaluation_along(desk: Engine) -> None:
    draft, _ = begin(desk)
    with transaction(desk) as db:
        db.execute(delete(RecordingRow).where(RecordingRow.id == "recording-1"))
    with transaction(desk) as db:
        assert not evaluations.save_draft(db, draft.id, answers=YES, comment="")
        assert not evaluations.submit(db, draft.id, answers=YES, comment="", score=1.0)
        assert evaluations.find_evaluation(db, draft.id) is None
    with pytest.raises(KeyError):
        begin(desk)


def test_lists_show_no_draft_of_others(desk: Engine) -> None:
    keep_call(desk, "2", agent="PJSIP/anna")
    mine, _ = begin(desk)
    with transaction(desk) as db:
        theirs, _ = evaluations.open_evaluation(
            db, recording_id="recording-2", scorecard=CARD, evaluator="kate", answers={}
        )
        evaluations.open_calibration(
            db, "ноябрь", recording_id="recording-2", scorecard=CARD, evaluators=["olga"], answers={}
        )

    def ids(wanted: WantedEvaluations) -> list[str]:
        with reading(desk) as db:
            page = evaluations.list_evaluations(db, wanted)
        assert page.total == len(page.evaluations)
        return [evaluation.id for evaluation in page.evaluations]

    assert ids(WantedEvaluations()) == []
    assert ids(WantedEvaluations(drafts_of="olga")) == [mine.id]
    assert ids(WantedEvaluations(drafts=True)) == [theirs.id, mine.id]
    with transaction(desk) as db:
        evaluations.submit(db, theirs.id, answers={}, comment="", score=None)
    assert ids(WantedEvaluations(drafts_of="olga")) == [theirs.id, mine.id]
    assert ids(WantedEvaluations(agent="PJSIP/anna")) == [theirs.id]
    assert ids(WantedEvaluations(state=EvaluationState.DRAFT, drafts_of="olga")) == [mine.id]
    assert len(ids(WantedEvaluations(drafts=True, calibrations=True))) == 3
    with transaction(desk) as db:
        assert evaluations.discard(db, mine.id)


def test_calibration_gives_everybody_the_same_call(desk: Engine) -> None:
    def start(name: str) -> bool:
        with transaction(desk) as db:
            return evaluations.open_calibration(
                db, name, recording_id="recording-1", scorecard=CARD, evaluators=["kate", "olga", "kate"], answers=YES
            )

    begin(desk)  # the call's own evaluation is not in the way
    assert start("ноябрь")
    assert not start("ноябрь")
    with transaction(desk) as db:
        kate, olga = evaluations.calibration_of(db, "ноябрь")
        assert (kate.evaluator, olga.evaluator) == ("kate", "olga")
        assert evaluations.submit(db, kate.id, answers=NO, comment="", score=0.0)
        assert not evaluations.discard(db, olga.id)
        assert evaluations.list_calibrations(db) == [("ноябрь", 2, 1)]
        assert evaluations.calibration_of(db, "") == []


def test_notes_are_for_the_agent_of_the_call(desk: Engine) -> None:
    keep_call(desk, "robot", agent="")
    with transaction(desk) as db:
        late = coaching.add_note(db, recording_id="recording-1", start=30, end=35, text=" Назовите срок. ", by="olga")
        early = coaching.add_note(db, recording_id="recording-1", start=12, end=12, text="Хорошее начало", by="olga")
        for recording, start, text in (
            ("recording-robot", 1, "роботу"),
            ("recording-1", 1, "  "),
            ("recording-1", 90, "после конца"),
        ):
            with pytest.raises(ValueError):
                coaching.add_note(db, recording_id=recording, start=start, end=start, text=text, by="olga")
        with pytest.raises(KeyError):
            coaching.add_note(db, recording_id="gone", start=1, end=1, text="х", by="olga")
    assert (late.text, late.agent, late.contact_id) == ("Назовите срок.", "PJSIP/ivan", "1")
    with transaction(desk) as db:
        assert [note.id for note in coaching.notes_of(db, "recording-1")] == [early.id, late.id]
        assert not coaching.mark_seen(db, late.id, agent="PJSIP/anna")
        assert coaching.mark_seen(db, early.id, agent="PJSIP/ivan")
        assert not coaching.mark_seen(db, early.id, agent="PJSIP/ivan")
        assert [note.id for note in coaching.notes_for(db, "PJSIP/ivan")] == [late.id, early.id]
        assert coaching.notes_for(db, "PJSIP/anna") == []


def test_agents_are_named_and_renamed(desk: Engine) -> None:
    with transaction(desk) as db:
        assert [agent.shown for agent in agents.list_agents(db)] == ["ivan"]
        agents.set_agent(db, "PJSIP/ivan", name="Иван", team="первая")
        agents.set_agent(db, "PJSIP/ivan", name=" Иван Петров ", team="вторая")
        agents.set_agent(db, "PJSIP/new", name="Новая", team="")
        assert [(a.endpoint, a.shown, a.team) for a in agents.list_agents(db)] == [
            ("PJSIP/new", "Новая", ""),
            ("PJSIP/ivan", "Иван Петров", "вторая"),
        ]
        for endpoint, name in (("", "Иван"), ("PJSIP/ivan", " "), ("x" * 65, "Иван")):
            with pytest.raises(ValueError):
                agents.set_agent(db, endpoint, name=name, team="")
