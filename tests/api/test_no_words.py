"""Whoever does not want to be recorded leaves no words: in no table, no file, no queue and no log line.

Every way to refuse, before and after, on the telephone and in writing. What the conversation needs to go on is in the
memory of the process alone.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select

from api.chat import unkept
from api.chat.messages import Writer, take, visit
from api.chat.runtime import ChatRuntime
from ivr.business.protocol import Reply
from ivr.business.requests import Requests
from ivr.call.text_session import Response, TextSession
from ivr.call_log.spool import Spool
from ivr.call_log.writer import CallLogWriter
from ivr.dialog.actions import PromiseCallback, StopRecording, Transfer
from ivr.dialog.state import State
from ivr.errors import BusinessError
from ivr.settings import RobotSettings
from recordings.alerts.alerts import Alert, raise_once
from recordings.contacts.call import Call, Outcome, Turn
from recordings.customers import chats
from recordings.database import connect, migrate, reading, transaction
from recordings.learning import samples
from recordings.results.finding import Evidence
from recordings.tables import CallRow, ChatRow, OutboxRow, Table
from speech.recognition.words import Speaker

pytestmark = pytest.mark.unit

NOW = datetime.now(UTC)
BEFORE = ("у меня диабет", "412799")
AFTER = ("531188", "да", "живу на ленина дом пять", "оператора", "да")
WORDS = ("диабет", "412799", "ленина", "531188", "сломалась")
"""What must be nowhere: words, and the numbers that were talked about."""
WAYS = {"by words": "не записывайте меня", "by a key": "[9]", "by the scenario": "лично"}
CALLER = "+79161234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    home: Path
    engine: Engine
    runtime: ChatRuntime
    caplog: pytest.LogCaptureFixture

    def holds(self) -> list[str]:
        """Every place that holds one of the words."""
        found = []
        with reading(self.engine) as db:
            for table in Table.metadata.sorted_tables:
                for row in db.execute(select(table)).mappings():
                    body = json.dumps(dict(row), ensure_ascii=False, default=str).lower()
                    found += [f"{table.name}: {body}" for word in WORDS if word in body]
        for record in self.caplog.records:
            line = f"{record.getMessage()} {record.exc_text or ''}".lower()
            found += [f"log {record.name}: {line}" for word in WORDS if word in line]
        return found

    def files(self) -> list[str]:
        """Every file that holds one, the database's own among them, once nobody has it open."""
        self.engine.dispose()
        return [
            f"{path.name}: {word}"
            for path in sorted(self.home.rglob("*"))
            if path.is_file() and path.name != "scenario.yaml"
            for word in WORDS
            if word.encode() in path.read_bytes().lower() or json.dumps(word)[1:-1].encode() in path.read_bytes()
        ]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[House]:
    home, scenarios = tmp_path / "home", tmp_path / "home" / "scenarios"
    scenarios.mkdir(parents=True)
    monkeypatch.setenv("OTKLIK_TMP", str(home / "tmp"))
    text = (Path(__file__).parent / "scenarios" / "chat.ru.yaml").read_text("utf-8")
    text = text.replace("        booking: [запись]\n", "        booking: [запись]\n        private: [лично]\n")
    text = text.replace("booking: ask_phone, time", "booking: ask_phone, private: unrecorded, time")
    assert "private: unrecorded" in text
    (scenarios / "chat.ru.yaml").write_text(text, "utf-8")
    caplog.set_level(logging.DEBUG)
    migrate(f"sqlite:///{home / 'otklik.db'}")
    engine = connect(f"sqlite:///{home / 'otklik.db'}")
    settings = RobotSettings(scenarios=str(scenarios), shop_url=f"sqlite:///{home / 'shop.db'}")
    runtime = ChatRuntime(engine, settings)
    yield House(home=home, engine=engine, runtime=runtime, caplog=caplog)
    runtime.close()
    engine.dispose()


def quoted(house: House, contact: str) -> None:
    """What alerts, learning and a wish that waits have taken from the words by the time of the refusal."""
    alert = Alert(
        rule="diabetes",
        contact_id=contact,
        recording_id=None,
        evidence=Evidence(start=0, end=1, quote=BEFORE[0]),
        at=NOW,
    )
    with transaction(house.engine) as db:
        raise_once(db, alert, deliveries=[("mail", "boss@example.com")], body={"quote": BEFORE[0]})
        db.execute(ChatRow.__table__.update().values(ended_at=NOW))  # type: ignore[attr-defined]
        samples.gather(db, "ru", since=NOW - timedelta(days=1))
        db.execute(ChatRow.__table__.update().values(ended_at=None))  # type: ignore[attr-defined]
    wish(house, contact)


def wish(house: House, contact: str) -> None:
    class Away:
        def ask(self, *_: object, **__: object) -> Reply:
            raise BusinessError("nobody answers")

        def close(self) -> None: ...

    facts = {"ticket.problem": "сломалась", "ticket.since": "вчера", "ticket.urgency": "high", "contact.phone": CALLER}
    reply = Requests(business=Away(), database=house.engine).ask("tickets.create", facts, "ru", contact=contact)
    assert reply.outcome == "stored"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_chat_leaves_no_words(house: House, way: str) -> None:
    """Failed before: the state in the chat's row kept what was said later, with all facts, until the chat ended."""
    who = Writer(channel="web", address="visitor", language="ru")
    for text in BEFORE[:1]:
        chat = take(house.runtime, who, text, uuid4().hex).chat_id
    quoted(house, chat)
    assert house.holds()
    answer = take(house.runtime, who, way, "refuse")
    assert any("не сохраняю" in reply for reply in answer.replies)
    assert house.holds() == []
    for text in ("531188", "живу на ленина дом пять", *["ленина"] * 4):
        if (state := house.runtime.unkept.get(chat)) and state.node == "offer":
            break
        answer = take(house.runtime, who, text, uuid4().hex)
        assert answer.chat_id == chat
        assert house.holds() == []
    state = house.runtime.unkept.get(chat)
    assert state is not None
    assert state.node == "offer"
    wish(house, chat)
    for text in ("да", "84955550143"):
        take(house.runtime, who, text, uuid4().hex)
    with reading(house.engine) as db:
        found = db.scalars(select(ChatRow)).one()
        assert (found.consent, found.state, found.facts, found.summary) == (False, {}, {}, "")
        assert found.outcome == Outcome.CALLBACK
        assert len(db.scalars(select(OutboxRow)).all()) == 2
    assert house.holds() == []
    assert house.files() == []


def test_a_chat_whose_state_is_gone_begins_anew_and_stays_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = Writer(channel="telegram", address="visitor", language="ru")
    first = take(house.runtime, who, "не записывайте меня", "1").chat_id
    house.runtime.unkept = unkept.UnkeptStates()  # another process, or a restart
    answer = take(house.runtime, who, "531188", "2")
    assert answer.chat_id != first
    assert answer.replies
    with reading(house.engine) as db:
        assert [row.consent for row in db.scalars(select(ChatRow))] == [False, False]
    assert house.holds() == []


def test_a_visitor_whose_state_is_gone_sees_the_greeting_of_what_begins_anew(house: House) -> None:
    """Failed before: the page of who had refused stayed empty after a restart, and no answer brought the greeting."""
    who = Writer(channel="web", address="visitor", language="ru")
    greeting = [line.text for line in visit(house.runtime, who).messages]
    take(house.runtime, who, "не записывайте меня", "1")
    house.runtime.unkept = unkept.UnkeptStates()  # another process, or a restart
    seen = visit(house.runtime, who)
    assert greeting
    assert [line.text for line in seen.messages] == greeting
    assert not seen.ended
    with reading(house.engine) as db:
        assert len(db.scalars(select(ChatRow)).all()) == 1  # looking begins nothing
    assert house.holds() == []


def test_who_comes_back_to_a_conversation_that_cannot_go_on_sees_it_and_the_greeting(house: House) -> None:
    """The brother: of a visitor who refused nothing; of a scenario that has no such question any more."""
    who = Writer(channel="web", address="visitor", language="ru")
    greeting = [line.text for line in visit(house.runtime, who).messages]
    take(house.runtime, who, "где мой заказ", "1")
    before = [line.text for line in visit(house.runtime, who).messages]
    with transaction(house.engine) as db:
        db.execute(ChatRow.__table__.update().values(state={}))  # type: ignore[attr-defined]
    assert [line.text for line in visit(house.runtime, who).messages] == [*before, *greeting]


def test_states_are_kept_for_a_while_only() -> None:
    now = [0.0]
    states = unkept.UnkeptStates(clock=lambda: now[0])
    state = State.from_json({"at": {"node": "a"}, "said": ["диабет"], "recorded": False})
    states.put("a", state)
    assert states.get("a") is state
    now[0] = unkept.KEPT_SECONDS
    assert states.get("a") is None
    for number in range(unkept.MOST + 1):
        states.put(str(number), state)
    assert states.get("0") is None
    assert states.get("1") is state


def test_idle_chats_are_closed_by_the_clock(house: House) -> None:
    from analytics.worker.tasks import end_idle_chats

    take(house.runtime, Writer(channel="web", address="visitor", language="ru"), "531188", "1")
    with transaction(house.engine) as db:
        db.execute(ChatRow.__table__.update().values(last_at=NOW - chats.IDLE))  # type: ignore[attr-defined]
    end_idle_chats(house.engine)
    with reading(house.engine) as db:
        assert db.scalars(select(ChatRow)).one().state == {}


def telephone(house: House, way: str, *, written: bool) -> Callable[[], list[str]]:
    """A call by voice and keys, written down as the robot does; the database takes it, or is away all the time."""
    call = Call(
        id="1795327401.7", started_at=NOW, caller_number=CALLER, extension="9000", language="ru", scenario="chat",
        scenario_version="1", engine="vosk",
    )  # fmt: skip
    loaded = house.runtime.loaded("ru")
    spool = Spool(house.home / "unwritten")

    async def hold() -> None:
        call_log = CallLogWriter(house.engine, spool, call)
        writer = asyncio.create_task(call_log.run()) if written else None
        talk = TextSession(loaded.scenario, loaded.understanding, house.runtime.requests.ask)

        async def note(response: Response) -> None:
            call_log.state = talk.state
            if response.heard:
                call_log.turn(response.heard.turn)
            for node, text in response.texts:
                call_log.turn(Turn(speaker=Speaker.ROBOT, node=node, text=text))
            for action in response.actions:
                match action:
                    case StopRecording():
                        call_log.refuse_recording()
                    case PromiseCallback(phone=phone, reason=reason):
                        call_log.promise_callback(phone, reason)
                    case Transfer():
                        call_log.change(agent="PJSIP/agent", summary=action.summary.text)
                        await note(talk.person(taken=False))
            if written:
                assert await call_log.written(10)

        await note(talk.open({"caller.number": CALLER}))
        for text in (*BEFORE[:1], way, *AFTER):
            if text == way and written:
                quoted(house, call.id)
                assert house.holds()
            await note(talk.caller_says(text))
            if not talk.state.recorded and written:
                assert house.holds() == []
        assert not talk.state.recorded
        call_log.close(talk.state.outcome or Outcome.ABANDONED, talk.state.broken)
        if written:
            assert await call_log.written(10)
        if writer:
            writer.cancel()
        call_log.put_aside()

    asyncio.run(hold())
    return house.holds


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("written", [True, False], ids=["database", "spool"])
def test_a_call_leaves_no_words(house: House, way: str, written: bool) -> None:
    telephone(house, way, written=written)
    if written:
        with reading(house.engine) as db:
            call = db.scalars(select(CallRow)).one()
            assert (call.consent, call.facts, call.summary) == (False, None, "")
    else:
        assert list((house.home / "unwritten").iterdir())
    assert house.holds() == []
    assert house.files() == []
