"""The web chat's socket: a conversation, its bounds, and what a stranger must not get; on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from api.chat import messages, runtime
from api.chat import pages as web_chat
from api.chat.messages import Writer, take, visit
from api.chat.pages import MOST_TABS, ODD, REFUSED, Bounds
from api.chat.runtime import ChatRuntime
from api.kit.rate_limit import ConcurrencyLimit, RateLimit
from ivr.business.proof import Caller
from ivr.call.text_session import Response, TextSession
from ivr.settings import RobotSettings
from recordings.calls.callbacks import open_callbacks
from recordings.contacts.call import Customer, Outcome
from recordings.contacts.chat import WEB, Chat, Message
from recordings.customers import cards, chats
from recordings.customers.history import history
from recordings.database import reading, transaction
from recordings.privacy import audit
from recordings.tables import ChatRow, TryRow
from tests.services import wait_until

pytestmark = pytest.mark.services

OWN = {"origin": "http://testserver"}
PHONE = "+79161234567"


class Visitor:
    """A browser with the chat open."""

    def __init__(self, socket: WebSocketTestSession, secret: str = "", source: str = "") -> None:
        self.socket = socket
        socket.send_json({"type": "hello", "visitor": secret, "source": source})
        self.welcome = socket.receive_json()
        self.secret = self.welcome.get("visitor", "")

    def say(self, text: str, key: str = "") -> dict[str, Any]:
        """The robot's answer, or why there is none."""
        self.socket.send_json({"type": "say", "id": key or uuid4().hex, "text": text})
        frame: dict[str, Any] = self.socket.receive_json()
        return self.socket.receive_json() if frame["type"] == "typing" else frame

    @property
    def shown(self) -> list[str]:
        return [f"{'> ' if line['mine'] else ''}{line['text']}" for line in self.welcome["messages"]]


@contextmanager
def coming(client: TestClient, secret: str = "", source: str = "") -> Iterator[Visitor]:
    with client.websocket_connect("/chat/ru", headers=OWN) as socket:
        yield Visitor(socket, secret, source)


def chat_of(database: Engine) -> tuple[Chat, list[Message]]:
    """The newest chat there is."""
    with reading(database) as db:
        row = db.query(ChatRow).order_by(ChatRow.started_at.desc()).first()
        assert row is not None
        chat = chats.find_chat(db, row.id)
        assert chat is not None
        return chat, chats.messages_of(db, chat.id)


def test_a_visitor_asks_about_an_order_and_everything_is_written_down(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    with coming(visitor, source="yandex") as guest:
        assert guest.shown == ["Здравствуйте!", "Назовите номер заказа или выберите, что нужно."]
        assert guest.welcome["suggestions"] == ["Запись", "Время"]
        answer = guest.say("мой заказ 4127")
        assert answer["texts"] == ["Заказ 4127 передан курьеру, доставка завтра.", "Что-нибудь ещё?"]
        assert (answer["suggestions"], answer["ended"]) == (["Да", "Нет"], False)
        assert guest.say("нет")["ended"]
    chat, messages = chat_of(database)
    assert (chat.channel, chat.source, chat.outcome, chat.facts) == (
        "web",
        "yandex",
        "settled",
        {"order.number": "4127"},
    )
    assert chat.ended_at is not None
    assert [(message.speaker, message.text) for message in messages] == [
        ("robot", "Здравствуйте!"),
        ("robot", "Назовите номер заказа или выберите, что нужно."),
        ("caller", "мой заказ 4127"),
        ("robot", "Заказ 4127 передан курьеру, доставка завтра."),
        ("robot", "Что-нибудь ещё?"),
        ("caller", "нет"),
        ("robot", "До свидания!"),
    ]
    assert [message.number for message in messages] == list(range(1, 8))
    assert guest.secret not in chat.address


def test_one_visitor_opens_so_many_tabs(visitor: TestClient, chat_runtime: ChatRuntime) -> None:
    with ExitStack() as held:
        secret = held.enter_context(coming(visitor)).secret
        for _ in range(MOST_TABS - 1):
            assert held.enter_context(coming(visitor, secret)).welcome["type"] == "welcome"
        assert held.enter_context(coming(visitor, secret)).welcome["type"] == "down"
        assert held.enter_context(coming(visitor)).welcome["type"] == "welcome"


def test_who_only_looks_leaves_nothing(visitor: TestClient, chat_runtime: ChatRuntime, database: Engine) -> None:
    with coming(visitor):
        pass
    with reading(database) as db:
        assert db.query(ChatRow).count() == 0


def test_a_reload_and_a_restart_go_on_where_it_stood(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    with coming(visitor) as guest:
        guest.say("4127")
    anew = ChatRuntime(database, chat_runtime._settings)  # as after a restart of the server
    visitor.app.state.chat_runtime = anew  # type: ignore[attr-defined]
    with coming(visitor, guest.secret) as again:
        assert again.secret == guest.secret
        assert again.shown[2:] == ["> 4127", "Заказ 4127 передан курьеру, доставка завтра.", "Что-нибудь ещё?"]
        assert again.welcome["suggestions"] == ["Да", "Нет"]
        assert again.say("да")["texts"] == ["Назовите номер заказа или выберите, что нужно."]
    with coming(visitor) as other:
        assert len(other.shown) == 2
        assert other.secret != guest.secret


def test_a_message_sent_again_is_answered_once(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    with coming(visitor) as guest:
        first = guest.say("4127", key="m1")
    with coming(visitor, guest.secret) as again:
        assert again.say("4127", key="m1")["texts"] == first["texts"]
    assert len(chat_of(database)[1]) == 5


def test_a_new_conversation_begins_after_the_end(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    with coming(visitor) as guest:
        guest.say("время")
        assert guest.say("утром")["ended"]
        assert not guest.say("4127")["ended"]
    with reading(database) as db:
        rows = db.query(ChatRow).order_by(ChatRow.started_at).all()
        assert [row.ended_at is None for row in rows] == [False, True]
        assert rows[0].customer_id == rows[1].customer_id


def test_scripts_and_signs_are_text(visitor: TestClient, chat_runtime: ChatRuntime, database: Engine) -> None:
    wild = "<script>alert(1)</script> 🌷 «ёж» ؟ \N{RIGHT-TO-LEFT OVERRIDE}"
    with coming(visitor) as guest:
        guest.say(wild)
    with coming(visitor, guest.secret) as again:
        assert f"> {wild}" in again.shown


@pytest.mark.parametrize(
    ("text", "why"), [("слово " * 2001, "слишком длинное"), ("я" * 20_001, "слишком длинное"), (" \n ", "нет текста")]
)
def test_what_nobody_can_read_is_refused_with_the_reason(
    visitor: TestClient, chat_runtime: ChatRuntime, text: str, why: str
) -> None:
    with coming(visitor) as guest:
        refused = guest.say(text)
        assert refused["type"] == "refused"
        assert why in refused["text"]
        assert guest.say("4127")["type"] == "said"


def test_two_thousand_words_are_read(visitor: TestClient, chat_runtime: ChatRuntime) -> None:
    with coming(visitor) as guest:
        assert guest.say("слово " * 1999 + "4127")["type"] == "said"


def test_too_many_messages_have_to_wait(visitor: TestClient, chat_runtime: ChatRuntime) -> None:
    visitor.app.state.chat_bounds = Bounds(visitors=RateLimit(2, 0.0))  # type: ignore[attr-defined]
    with coming(visitor) as guest:
        kinds = [guest.say("4127")["type"] for _ in range(3)]
    assert kinds == ["said", "said", "refused"]


def test_sockets_are_counted(visitor: TestClient, chat_runtime: ChatRuntime) -> None:
    visitor.app.state.chat_bounds = Bounds(sockets=ConcurrencyLimit(10, 1))  # type: ignore[attr-defined]
    with coming(visitor), visitor.websocket_connect("/chat/ru", headers=OWN) as second:
        assert second.receive_json()["type"] == "down"
    with coming(visitor) as later:
        assert later.welcome["type"] == "welcome"


def test_a_conversation_has_an_end(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST_MESSAGES", 5)
    with coming(visitor) as guest:
        guest.say("4127")
        last = guest.say("да")
    assert last["ended"]
    assert "слишком много сообщений" in last["texts"][0]
    assert chat_of(database)[0].ended_at is not None


@pytest.mark.parametrize(
    ("origin", "code"),
    [("http://testserver", 0), ("https://shop.example", 0), ("https://evil.example", REFUSED), ("", REFUSED)],
)
def test_only_our_page_and_named_sites_open_the_socket(
    visitor: TestClient, chat_runtime: ChatRuntime, origin: str, code: int
) -> None:
    state = visitor.app.state  # type: ignore[attr-defined]
    state.settings = state.settings.model_copy(update={"chat_origins": ["https://shop.example"]})
    headers = {"origin": origin} if origin else {}
    if not code:
        with visitor.websocket_connect("/chat/ru", headers=headers) as socket:
            assert Visitor(socket).welcome["type"] == "welcome"
        return
    with pytest.raises(WebSocketDisconnect) as refused, visitor.websocket_connect("/chat/ru", headers=headers):
        pass
    assert refused.value.code == code


@pytest.mark.parametrize(
    "frame", ["no json", "[]", '{"type":"say","id":"1","text":"4127"}', '{"type":"hello","source":7}']
)
def test_odd_frames_close_the_socket(visitor: TestClient, chat_runtime: ChatRuntime, frame: str) -> None:
    with visitor.websocket_connect("/chat/ru", headers=OWN) as socket:
        socket.send_text(frame)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == ODD


def test_a_socket_nobody_writes_through_goes_to_sleep(
    visitor: TestClient, chat_runtime: ChatRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_chat, "IDLE_SECONDS", 0.05)
    with coming(visitor) as guest, pytest.raises(WebSocketDisconnect) as closed:
        guest.socket.receive_json()
    assert closed.value.code == 1000


def test_a_stranger_learns_nothing_by_a_typed_number(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    """Neither the name on the card, nor what its owner wrote, nor their booking."""
    with transaction(database) as db:
        cards.save_customer(db, Customer(id="1", name="Анна Тайная", phone=PHONE, language="ru", segment="vip"))
    with coming(visitor) as owner:
        owner.say("4127")
        owner.say("да")
        owner.say("запись")
        owner.say("8 916 123-45-67")
    with coming(visitor) as stranger:
        stranger.say("запись")
        seen = json.dumps([stranger.say("8 916 123-45-67"), stranger.say("да")], ensure_ascii=False)
    with coming(visitor, stranger.secret) as back:
        seen += json.dumps(back.welcome, ensure_ascii=False)
    assert "Какой номер у вашей записи?" in seen
    for secret in ("Анна", "vip", "4127", "Запись 1"):
        assert secret not in seen


def test_a_booking_is_shown_to_who_knows_its_number(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    facts = {"booking.service": "florist", "booking.day": day.isoformat(), "contact.phone": PHONE}
    free = chat_runtime.requests.ask("bookings.free", facts, "ru")
    slot = free.facts or free.options[0].facts
    number = chat_runtime.requests.ask("bookings.create", {**facts, **slot}, "ru").facts["booking.number"]
    with coming(visitor) as guest:
        guest.say("запись")
        guest.say("8 916 123-45-67")
        assert guest.say(f"номер {number}")["texts"][0].startswith(f"Запись {number} на ")


def test_every_number_there_is_in_one_message_is_one_try(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    """1,900 numbers, among them those of the bookings, and then the victim's telephone."""
    many = " ".join(str(number) for number in range(2000, 3900))
    with coming(visitor) as stranger:
        for text in (many, "запись", "8 916 123-45-67"):
            seen = stranger.say(text)["texts"]
        assert seen[-1] == "Какой номер у вашей записи?"
        seen = [text for _ in range(3) for text in stranger.say(many)["texts"]]
    assert not [text for text in seen if "Запись 2" in text]
    with reading(database) as db:
        tried = db.scalar(select(func.count()).select_from(TryRow))
        assert {line.action for line in audit.list_lines(db).lines} <= {"proof.locked.conversation"}
    assert tried is not None
    assert tried <= 6 * 4


def test_guessing_ends_with_a_person_and_the_owner_goes_on(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    facts = {"booking.service": "florist", "booking.day": day.isoformat(), "contact.phone": PHONE}
    free = chat_runtime.requests.ask("bookings.free", facts, "ru")
    slot = free.facts or free.options[0].facts
    number = chat_runtime.requests.ask("bookings.create", {**facts, **slot}, "ru").facts["booking.number"]
    with coming(visitor) as stranger:
        stranger.say("запись")
        stranger.say("8 916 123-45-67")
        first, second, third = (stranger.say(str(int(number) + 100 + wrong))["texts"] for wrong in range(3))
        assert first[0] == second[0] == "Записи нет."
        assert third[0] == "Попыток больше нет, поможет оператор."
    with reading(database) as db:
        (line,) = [line for line in audit.list_lines(db).lines if line.action.startswith("proof.")]
        assert (line.login, line.action, PHONE in str(line)) == ("robot", "proof.locked.conversation", False)
    with coming(visitor) as owner:
        owner.say("запись")
        owner.say("8 916 123-45-67")
        assert owner.say(number)["texts"][0].startswith(f"Запись {number} на ")


def test_a_code_proves_whose_number_it_is_and_binds_the_card(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine, tmp_path: Path
) -> None:
    with transaction(database) as db:
        cards.save_customer(db, Customer(id="1", name="Анна", phone=PHONE, language="ru"))
    with coming(visitor) as guest:
        for text in ("запись", "8 916 123-45-67", "код"):
            guest.say(text)
        with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
            ((code,),) = shop.execute("SELECT code FROM shop_codes").fetchall()
        assert guest.say(str(int(code) - 1))["texts"] == ["Какой код пришёл?"]
        assert chat_of(database)[0].customer_id != "1"
        assert guest.say(code)["texts"][0] == "Назовите номер заказа или выберите, что нужно."
        assert chat_of(database)[0].customer_id == "1"
        assert guest.say("запись")["texts"][0].startswith("Запись 2001 на ")
    chat, _ = chat_of(database)
    assert "code.number" not in chat.facts


def test_a_typed_number_puts_no_chat_into_its_owners_history(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    with transaction(database) as db:
        cards.save_customer(db, Customer(id="1", name="Анна", phone=PHONE, language="ru"))
    with coming(visitor) as stranger:
        for text in ("4127", "позовите оператора", "да", "8 916 123-45-67"):
            stranger.say(text)
    with reading(database) as db:
        assert history(db, "1") == []
        (waiting,) = open_callbacks(db)
    assert waiting.phone == "89161234567"


def test_new_chats_of_one_address_have_an_end(visitor: TestClient, chat_runtime: ChatRuntime) -> None:
    access = chat_runtime.access
    few = access.rules.callbacks.model_copy(update={"chats_day": 2})
    chat_runtime._access = replace(access, rules=replace(access.rules, callbacks=few))
    kinds = []
    for _ in range(3):
        with coming(visitor) as guest:
            kinds.append(guest.say("4127"))
    assert [kind["type"] for kind in kinds] == ["said", "said", "refused"]
    assert "слишком много новых чатов" in kinds[2]["text"]


@pytest.mark.parametrize("number", ["+7 809 123-45-67", "+88 161 234 567 8", "+44 20 7183 8750"])
def test_nobody_is_rung_back_where_it_costs(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine, number: str
) -> None:
    with coming(visitor) as guest:
        for text in ("позовите оператора", "да"):
            guest.say(text)
        assert guest.say(number)["texts"] == ["На какой номер?"]
        assert guest.say("8 916 123-45-67")["texts"] == ["Перезвоним."]
    with reading(database) as db:
        assert [waiting.phone for waiting in open_callbacks(db)] == ["89161234567"]


def test_nobody_at_the_desk_is_told_and_a_call_back_kept(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    with coming(visitor) as guest:
        guest.say("4127")
        asked = guest.say("позовите оператора")
        assert asked["texts"] == ["Оператора сейчас нет. Перезвонить вам?"]
        with reading(database) as db:
            (waiting,) = open_callbacks(db)
        assert (waiting.phone, waiting.reason) == ("", "4127 … позовите оператора")
        assert guest.say("да")["texts"] == ["На какой номер?"]
        assert guest.say("8 916 123-45-67")["ended"]
    chat, _ = chat_of(database)
    assert (chat.outcome, chat.summary) == (Outcome.CALLBACK, "Заказ 4127. Нужен оператор.")
    assert chat.handed_over_at is not None
    with reading(database) as db:
        (waiting,) = open_callbacks(db)
        assert cards.find_customer(db, PHONE) is None  # who types a number is not its owner by that
    assert (waiting.chat_id, waiting.phone) == (chat.id, "89161234567")


def test_the_robot_knows_on_the_telephone_what_was_written(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    """Messenger → telephone: to who has shown that the number is theirs, and to nobody who only rings with it."""
    take(chat_runtime, Writer(channel="telegram", address="1", language="ru", phone=PHONE), "4127", "m1")
    line = chat_runtime.loaded("ru")

    def ring(number: str, *proven: str) -> Response:
        caller = Caller(contact=number, number=number)
        guard = chat_runtime.access.guard(caller, "ru", frozenset(proven))
        return TextSession(line.scenario, line.understanding, guard.ask).open({"caller.number": number})

    assert ring(PHONE, f"phone:{PHONE}").texts[-1] == ("ask_same", "Вы уже писали про заказ 4127 — вы о нём?")
    assert ring(PHONE).texts[-1][0] == "ask_topic"
    assert ring("+79031112233", "phone:+79031112233").texts[-1][0] == "ask_topic"


def test_words_are_not_kept_on_wish(visitor: TestClient, chat_runtime: ChatRuntime, database: Engine) -> None:
    with coming(visitor) as guest:
        guest.say("4127")
        assert guest.say("не записывайте")["texts"][0] == "Хорошо, ничего не сохраняю."
        guest.say("нет")
    chat, messages = chat_of(database)
    assert (chat.consent, chat.facts) == (False, {})
    assert {message.text for message in messages} == {""}


def test_after_a_refusal_the_row_of_the_chat_holds_no_state(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    with coming(visitor) as guest:
        guest.say("где мой заказ, скажите-ка")
        guest.say("не записывайте")
        guest.say("тайное слово")
        chat, _ = chat_of(database)
        assert (chat.consent, chat.state) == (False, {})
        state = chat_runtime.unkept.get(chat.id)
        assert state is not None
        assert not state.recorded
        assert state.said == ("тайное слово",)


def test_two_at_once_are_taken_one_after_the_other(chat_runtime: ChatRuntime, database: Engine) -> None:
    """Another process writes in the chat while an answer is being found: it is found anew, nothing is lost."""
    who = Writer(channel="telegram", address="1", language="ru", source="telegram")
    take(chat_runtime, who, "4127", "m1")
    asked, once = chat_runtime.requests.ask, iter([True])

    class Slow:
        def ask(self, *args: Any, **kwargs: Any) -> Any:
            if next(once, False):
                take(ChatRuntime(database, chat_runtime._settings), who, "нет", "m2")
            return asked(*args, **kwargs)

        def close(self) -> None: ...

    take(chat_runtime, who, "да", "m0")
    chat_runtime._access = replace(chat_runtime.access, requests=Slow())  # type: ignore[arg-type]
    answer = take(chat_runtime, who, "5206", "m3")
    assert answer.replies
    with reading(database) as db:
        rows = db.query(ChatRow).all()
        texts = [message.text for row in rows for message in chats.messages_of(db, row.id) if message.key]
    assert sorted(texts) == sorted(["4127", "да", "нет", "5206"])


def test_a_faulty_change_is_not_taken_and_a_sound_one_is(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(runtime, "LOOK_SECONDS", 0.0)
    folder = tmp_path / "scenarios"
    shutil.copytree(Path(__file__).parents[1] / "scenarios", folder)
    file = folder / "chat.ru.yaml"
    sound = file.read_text(encoding="utf-8")
    desk = ChatRuntime(database, RobotSettings(scenarios=str(folder), shop_url=f"sqlite:///{tmp_path / 'shop.db'}"))
    who = Writer(channel=WEB, address="1", language="ru")
    take(desk, who, "4127", "m1")
    version = desk.loaded("ru").scenario.version

    file.write_text(sound.replace("start: hello", "start: nowhere"), encoding="utf-8")
    wait_until(lambda: desk.loaded("ru") and "is refused" in caplog.text, seconds=20, what="the fault to be seen")
    assert desk.loaded("ru").scenario.version == version

    file.write_text(sound.replace("Что-нибудь ещё?", "Ещё вопросы?"), encoding="utf-8")
    wait_until(lambda: desk.loaded("ru").scenario.version != version, seconds=20, what="the new version")
    assert visit(desk, replace(who, address="2")).messages
    take(desk, who, "да", "m2")
    assert take(desk, who, "5206", "m3").replies[-1] == "Что-нибудь ещё?"  # the version it began with
    assert take(desk, replace(who, address="2"), "5206", "m4").replies[-1] == "Ещё вопросы?"


def test_without_scenarios_the_chat_says_so(visitor: TestClient, chat_runtime: ChatRuntime, tmp_path: Path) -> None:
    app = visitor.app
    app.state.chat_runtime = ChatRuntime(chat_runtime.database, RobotSettings(scenarios=str(tmp_path)))  # type: ignore[attr-defined]
    with coming(visitor) as guest:
        assert guest.welcome["type"] == "down"
        assert "Чат сейчас не работает" in guest.welcome["text"]


def test_a_database_that_is_away_loses_no_message(
    visitor: TestClient, chat_runtime: ChatRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with coming(visitor) as guest:
        with monkeypatch.context() as broken:

            def away(*_: object) -> None:
                raise OperationalError("SELECT 1", {}, Exception("gone"))

            broken.setattr(messages, "_take", away)
            assert "Отправьте его ещё раз" in guest.say("4127", key="m1")["text"]
        assert guest.say("4127", key="m1")["type"] == "said"


def test_the_page_may_be_framed_where_it_is_allowed_and_nothing_else(visitor: TestClient) -> None:
    page = visitor.get("/chat?language=ru")
    assert page.status_code == 200
    assert "Напишите нам" in page.text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page.text)
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in visitor.get("/login").headers["content-security-policy"]
    script = visitor.get("/widget.js")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert script.headers["access-control-allow-origin"] == "*"
    assert visitor.get("/chat?language=en").text.count("Write to us") == 2
