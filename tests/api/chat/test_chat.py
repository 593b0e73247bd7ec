"""The web chat's socket: a conversation, its bounds, and what a stranger must not get; on SQLite and PostgreSQL."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from api.chat import messages, runtime
from api.chat.messages import Writer, take, visit
from api.chat.runtime import ChatRuntime
from ivr.business.proof import Caller
from ivr.call.text_session import Response, TextSession
from ivr.settings import RobotSettings
from recordings.calls.callbacks import open_callbacks
from recordings.contacts.call import Outcome
from recordings.contacts.chat import WEB
from recordings.customers import cards, chats
from recordings.database import reading
from recordings.tables import ChatRow
from tests.api.chat.visiting import PHONE, chat_of, coming
from tests.services import wait_until

pytestmark = pytest.mark.services


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
