"""Where people give up: counted by hand, and every figure opens the turns it counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from recordings.calls import call_log
from recordings.contacts.call import Call, Outcome, Turn
from recordings.contacts.chat import Chat, Message
from recordings.customers import chats
from recordings.database import reading, transaction
from recordings.kpi.bottlenecks import Period, line_proofs, lines, proofs, spots
from recordings.tables import QueueVisitRow
from speech.recognition.words import Speaker

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
WEEK = Period(since=NOW - timedelta(days=7), until=NOW + timedelta(days=1))
Ringing = Callable[..., Call]


def hold(
    engine: Engine, call: Call, talk: list[tuple[str, str, str]], *, outcome: Outcome | None = Outcome.SETTLED
) -> None:
    """A call of (speaker's letter, node, intent); each turn starts ten seconds after the one before."""
    with transaction(engine) as db:
        call_log.open_call(db, call)
        for number, (who, node, intent) in enumerate(talk, start=1):
            speaker = Speaker.ROBOT if who == "r" else Speaker.CALLER
            turn = Turn(
                number=number,
                speaker=speaker,
                node=node,
                start=10.0 * number,
                end=10.0 * number + 5,
                text=f"слова {number}",
                intent=intent,
            )
            call_log.note_turn(db, call.id, turn)
        if outcome:
            call_log.close_call(db, call.id, ended_at=call.started_at + timedelta(minutes=2), outcome=outcome)


def plant(engine: Engine, ringing: Ringing) -> None:
    hold(
        engine,
        ringing(id="1"),
        [("r", "ask", ""), ("c", "ask", "order"), ("r", "number", ""), ("c", "number", "filled")],
    )
    hold(
        engine,
        ringing(id="2", started_at=NOW + timedelta(minutes=1)),
        [("r", "ask", ""), ("c", "ask", "unclear"), ("r", "ask", ""), ("c", "ask", "order"), ("r", "number", "")],
        outcome=Outcome.ABANDONED,
    )
    hold(
        engine,
        ringing(id="3", started_at=NOW + timedelta(minutes=2)),
        [("r", "ask", ""), ("r", "ask", ""), ("c", "ask", "person"), ("r", "to_person", "")],
        outcome=Outcome.HANDED_OVER,
    )
    hold(
        engine, ringing(id="4"), [("r", "ask", ""), ("c", "ask", "order"), ("r", "look_up", "")], outcome=Outcome.FAILED
    )
    hold(engine, ringing(id="live"), [("r", "ask", ""), ("r", "ask", "")], outcome=None)
    hold(engine, ringing(id="old", started_at=NOW - timedelta(days=30)), [("r", "ask", ""), ("r", "ask", "")])
    hold(engine, ringing(id="en", language="en", scenario="support"), [("r", "ask", ""), ("c", "ask", "order")])


def test_visits_and_troubles_of_each_node(database: Engine, ringing: Ringing) -> None:
    plant(database, ringing)
    with reading(database) as db:
        found = {(spot.scenario, spot.node): spot for spot in spots(db, WEEK)}
        first = spots(db, WEEK)[0]
        russian = {spot.scenario for spot in spots(db, Period(since=WEEK.since, until=WEEK.until, language="ru"))}
    ask = found["order_status", "ask"]
    assert ask.visits == 4
    assert ask.troubles == {"left": 0, "again": 2, "person": 1, "unclear": 1, "failed": 0}
    assert ask.share("again") == 0.5
    number = found["order_status", "number"]
    assert (number.visits, number.troubles["left"]) == (2, 1)
    assert found["order_status", "look_up"].troubles["failed"] == 1
    assert found["support", "ask"].visits == 1
    assert first.node == "number"
    assert russian == {"order_status"}


def test_a_figure_opens_the_turns_it_counts(database: Engine, ringing: Ringing) -> None:
    plant(database, ringing)
    with reading(database) as db:
        again = proofs(db, WEEK, scenario="order_status", node="ask", trouble="again")
        left = proofs(db, WEEK, scenario="order_status", node="number", trouble="left")
        assert [(one.contact, one.second) for one in again] == [("3", 20.0), ("2", 30.0)]
        assert [(one.contact, one.second, one.text) for one in left] == [("2", 50.0, "слова 5")]
        assert len(proofs(db, WEEK, scenario="order_status", node="ask", trouble="again", limit=1)) == 1
        assert proofs(db, WEEK, scenario="nobody", node="ask", trouble="again") == []
        with pytest.raises(ValueError, match="want one of"):
            proofs(db, WEEK, scenario="order_status", node="ask", trouble="anything")


def test_chats_count_like_calls(database: Engine) -> None:
    chat = Chat(
        id="chat-1",
        channel="web",
        address="chat-1",
        language="ru",
        scenario="support",
        scenario_version="0123456789ab",
        started_at=NOW,
        last_at=NOW,
        outcome=Outcome.ABANDONED,
        ended_at=NOW + timedelta(minutes=1),
    )
    said = [(Speaker.ROBOT, ""), (Speaker.CALLER, "unclear"), (Speaker.ROBOT, "")]
    with transaction(database) as db:
        chats.open_chat(db, chat)
        for number, (speaker, intent) in enumerate(said, 1):
            text = "мой телефон 8 916 123 45 67"
            chats.note_message(
                db, chat.id, Message(number=number, speaker=speaker, node="ask", text=text, at=NOW, intent=intent)
            )
    with reading(database) as db:
        (spot,) = spots(db, WEEK)
        assert spot.troubles == {"left": 1, "again": 1, "person": 0, "unclear": 1, "failed": 0}
        (proof,) = proofs(db, WEEK, scenario="support", node="ask", trouble="unclear")
    assert (proof.contact, proof.kind, proof.second) == ("chat-1", "chat", None)
    assert "123" not in proof.text


def test_waiting_lines_and_the_patience_of_those_who_left(database: Engine, ringing: Ringing) -> None:
    waits = [("a", "sales", 30, None), ("b", "sales", None, 20), ("c", "sales", None, 60), ("d", "help", 5, None)]
    for name, queue, answered, left in waits:
        hold(database, ringing(id=name), [], outcome=Outcome.ABANDONED)
        with transaction(database) as db:
            db.add(
                QueueVisitRow(
                    id=f"v-{name}",
                    call_id=name,
                    queue=queue,
                    joined_at=NOW,
                    answered_at=NOW + timedelta(seconds=answered) if answered else None,
                    left_at=NOW + timedelta(seconds=left) if left else None,
                )
            )
    with reading(database) as db:
        sales, support = lines(db, WEEK)
        assert (sales.queue, sales.visits, sales.left, sales.patience) == ("sales", 3, 2, 40.0)
        assert (support.left, support.patience) == (0, None)
        assert {(one.contact, one.text) for one in line_proofs(db, WEEK, "sales")} == {("b", "20"), ("c", "60")}
        assert lines(db, Period(since=WEEK.since, until=WEEK.until, language="en")) == []


def test_nothing_is_no_bottleneck(database: Engine) -> None:
    with reading(database) as db:
        assert spots(db, WEEK) == []
        assert lines(db, WEEK) == []
