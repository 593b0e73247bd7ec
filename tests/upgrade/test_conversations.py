"""Conversations, notes and wishes of an installation of f92ac24 go on under today's Otklik."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import Engine, select

from api.chat.messages import Writer, take
from api.chat.runtime import ChatRuntime
from ivr.call_log.spool import Spool
from ivr.dialog.state import State
from ivr.scenario.registry import ScenarioRegistry
from ivr.scenario.scenario import check
from ivr.settings import RobotSettings
from recordings.calls import outbox
from recordings.database import reading
from recordings.tables import (
    CallbackRow,
    CallRow,
    ChatRow,
    CustomerRow,
    MessageRow,
    OutboxRow,
    TurnRow,
)
from tests.upgrade.databases import BORIS, on_sqlite
from tests.upgrade.old_installation import Old

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]


GOES_ON = {
    "asked-number": ("4127", "Сейчас не могу посмотреть."),
    "digression": ("4127", "Сейчас не могу посмотреть."),
    "complaint-half": ("срочно", "На какой номер ответить?"),
    "two-wishes": ("4127", "Сейчас не могу посмотреть."),
    "offered": ("да", "На какой номер?"),
    "english": ("opening hours", "We are open from nine to nine."),
    "telegram": ("привезли не то", "С какого дня?"),
    "stored": ("нет", "До свидания!"),
}
"""Conversation → what its visitor writes next, and what the robot says to that."""


def test_conversations_go_on_where_they_stood(old: Old, upgraded: Engine) -> None:
    runtime = ChatRuntime(upgraded, RobotSettings())
    try:
        for name, (said, wanted) in GOES_ON.items():
            kept = old.known["chats"][name]
            who = Writer(
                channel=kept["channel"],
                address=kept["address"],
                language=kept["language"],
                source="web",
                phone=kept["phone"],
            )
            answer = take(runtime, who, said, f"{name}-next")
            assert answer.chat_id == kept["chat"], name
            assert wanted in answer.replies, (name, answer.replies)
        kept = old.known["chats"]["asked-number"]
        again = Writer(channel=kept["channel"], address=kept["address"], language="ru")
        assert "Назовите номер заказа." in take(runtime, again, "где мой заказ", "asked-number-0").replies
    finally:
        runtime.close()


def test_conversation_that_refused_recording_begins_anew_and_stays_refused(old: Old, upgraded: Engine) -> None:
    kept = old.known["chats"]["unrecorded"]
    who = Writer(channel=kept["channel"], address=kept["address"], language="ru", source="web")
    runtime = ChatRuntime(upgraded, RobotSettings())
    try:
        first = take(runtime, who, "где мой заказ", "anew-0")
        second = take(runtime, who, "4127", "anew-1")
    finally:
        runtime.close()
    assert first.chat_id == second.chat_id != kept["chat"]
    assert "Назовите номер заказа." in first.replies
    assert "Сейчас не могу посмотреть." in second.replies
    with reading(upgraded) as db:
        before, anew = db.get_one(ChatRow, kept["chat"]), db.get_one(ChatRow, first.chat_id)
        assert (before.outcome, before.ended_at is None) == ("abandoned", False)
        for chat in (before, anew):
            assert (chat.consent, chat.state, chat.facts, chat.summary) == (False, {}, {}, "")
            messages = db.scalars(select(MessageRow).where(MessageRow.chat_id == chat.id)).all()
            assert {(message.text, message.intent) for message in messages} == {("", "")}


@on_sqlite
def test_state_of_a_conversation_is_read_whole(old: Old) -> None:
    states = [row["state"] for row in old.rows["chats"] if row["state"]]
    assert len(states) >= len(GOES_ON)
    assert any(body["wishes"] for body in states)
    assert any(body["detours"] for body in states)
    for body in states:
        kept = _by_todays_names(TypeAdapter(State).dump_python(State.from_json(body), mode="json"))
        before = _by_todays_names(body)
        assert {name: kept[name] for name in before} == before  # a part that is new since then has its default


@on_sqlite
def test_scenarios_are_the_versions_their_conversations_began_with(old: Old) -> None:
    folder = old.home / "scenarios"
    assert [problem for file in sorted(folder.glob("*.yaml")) for problem in check(file)] == []
    loaded = ScenarioRegistry(RobotSettings().scenario_folders).all_loaded.values()
    begun = {row["scenario_version"] for row in old.rows["chats"]}
    assert begun <= {one.scenario.version for one in loaded}


def test_notes_the_database_had_not_taken_are_written(old: Old, upgraded: Engine) -> None:
    spool = old.home / "unwritten"
    assert len(list(spool.glob("*.jsonl"))) == 2
    Spool(spool).replay(upgraded)
    assert list(spool.iterdir()) == []
    with reading(upgraded) as db:
        call = db.get_one(CallRow, "romashka-1780000013.13")
        assert (call.outcome, call.summary, call.facts) == (
            "callback",
            "Просит перезвонить.",
            {"order.number": "4127"},
        )
        assert db.scalars(select(TurnRow.text).where(TurnRow.call_id == call.id)).all() == ["перезвоните мне"]
        assert db.scalars(select(CallbackRow.phone).where(CallbackRow.call_id == call.id)).all() == [BORIS]
        assert db.get_one(CustomerRow, call.customer_id).segment == "vip"
        refused = db.get_one(CallRow, "romashka-1780000014.14")
        assert not refused.consent
        assert db.scalars(select(TurnRow.text).where(TurnRow.call_id == refused.id)).all() == [""]


def test_wishes_of_callers_still_wait_to_be_sent(old: Old, upgraded: Engine) -> None:
    waiting = {row["key"] for row in old.rows["outbox"] if row["state"] == "waiting"}
    taken = outbox.take_due(upgraded, limit=10, lease=60, now=datetime.now(UTC))
    assert {wish.key for wish in taken} == waiting
    for wish in taken:
        outbox.done(upgraded, wish, outcome="created", facts={"ticket.number": "1"}, now=datetime.now(UTC))
    with reading(upgraded) as db:
        assert set(db.scalars(select(OutboxRow.state))) == {"sent"}


RENAMED = {"wishes": "pending_intents", "wish": "intent", "detours": "digressions"}
"""Parts of a state since f92ac24."""


def _by_todays_names(body: Any) -> Any:
    """A state's parts by the names they have now; sets of names are written in any order."""
    if isinstance(body, dict):
        return {
            RENAMED.get(key, key): sorted(value) if key in ("filled", "recalled") else _by_todays_names(value)
            for key, value in body.items()
        }
    return [_by_todays_names(one) for one in body] if isinstance(body, list) else body
