"""Messengers and mail bridges: signed messages, answered once; on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Engine, update

from api.chat.runtime import ChatRuntime
from ivr.business.caller_history import look_back
from ivr.business.signature import headers
from ivr.settings import RobotSettings
from recordings.contacts.call import Customer
from recordings.customers import cards, chats
from recordings.customers.history import history
from recordings.database import reading, transaction
from recordings.tables import ChatRow, MessageRow

pytestmark = pytest.mark.services

SECRET = "a shared secret"
PHONE = "+79161234567"
Send = Callable[..., Any]
"""Gives the response."""


@pytest.fixture
def send(visitor: TestClient, chat_runtime: ChatRuntime) -> Send:
    """Send a message as a bridge would; ``changes`` are made to the request behind the signature's back."""
    state = visitor.app.state  # type: ignore[attr-defined]
    secrets = {name: SecretStr(SECRET) for name in ("telegram", "mail")}
    state.settings = state.settings.model_copy(update={"webhooks": secrets})

    def post(
        text: str = "4127",
        *,
        name: str = "telegram",
        at: float | None = None,
        sent: bytes | None = None,
        **fields: Any,
    ) -> Any:
        message = {"id": f"{time.monotonic_ns()}", "from": "42", "text": text} | fields
        body = json.dumps(message, ensure_ascii=False).encode()
        signed = headers(SECRET, "POST", f"/webhooks/{name}", body, now=time.time() if at is None else at)
        return visitor.post(
            f"/webhooks/{name}", content=body if sent is None else sent, headers=signed | {"Accept": "*/*"}
        )

    return post


def rows(database: Engine) -> list[ChatRow]:
    with reading(database) as db:
        return db.query(ChatRow).order_by(ChatRow.started_at).all()


def test_a_message_is_answered_at_once_and_the_conversation_goes_on(send: Send, database: Engine) -> None:
    first = send("мой заказ 4127", reply_to="thread 7", source="ads").json()
    assert first == {
        "replies": ["Здравствуйте!", "Заказ 4127 передан курьеру, доставка завтра.", "Что-нибудь ещё?"],
        "suggestions": ["Да", "Нет"],
        "ended": False,
        "reply_to": "thread 7",
    }
    last = send("нет").json()
    assert (last["replies"], last["ended"]) == (["До свидания!"], True)
    (chat,) = rows(database)
    assert (chat.channel, chat.address, chat.source, chat.outcome) == ("telegram", "42", "ads", "settled")
    assert send("ещё 5206").json()["replies"][0] == "Здравствуйте!"
    assert len(rows(database)) == 2


def test_the_same_message_again_is_the_same_answer_and_no_second_step(send: Send, database: Engine) -> None:
    first = send("4127", id="m1")
    again = send("4127", id="m1")
    assert again.json() == first.json()
    with reading(database) as db:
        assert db.query(MessageRow).filter(MessageRow.key == "m1").count() == 1


def test_senders_and_webhooks_have_conversations_of_their_own(send: Send, database: Engine) -> None:
    send("4127", id="m1")
    assert send("4127", id="m1", **{"from": "43"}).json()["replies"][0] == "Здравствуйте!"
    assert send("4127", id="m1", name="mail").json()["replies"][0] == "Здравствуйте!"
    assert len(rows(database)) == 3


def test_a_day_later_another_conversation_begins(send: Send, database: Engine) -> None:
    send("4127")
    with transaction(database) as db:
        db.execute(update(ChatRow).values(last_at=datetime.now(UTC) - timedelta(hours=25)))
    assert send("нет").json()["replies"][0] == "Здравствуйте!"
    old, new = rows(database)
    assert (old.outcome, old.ended_at is None, new.ended_at) == ("settled", False, None)


def test_only_signed_messages_of_now_are_taken(send: Send, visitor: TestClient, database: Engine) -> None:
    refusals = (
        send("4127", sent=b'{"id": "1", "from": "42", "text": "other"}'),
        send("4127", at=time.time() - 301),
        send("4127", at=time.time() + 301),
        visitor.post("/webhooks/telegram", json={}, headers={"Accept": "*/*"}),
    )
    assert [refused.status_code for refused in refusals] == [401] * 4
    assert {refused.json()["code"] for refused in refusals} == {"signature_wrong"}
    unknown = send("4127", name="whatsapp")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "webhook_unknown")
    assert rows(database) == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"id": ""}, 422),
        ({"from": 7}, 422),
        ({"text": None}, 422),
        ({"language": "klingonisch"}, 422),
        ({"text": "x" * 300_000}, 413),
    ],
)
def test_wrong_and_overlong_messages_are_refused(send: Send, fields: dict[str, Any], status: int) -> None:
    assert send(**fields).status_code == status


def test_a_body_that_is_no_message_is_refused(send: Send, visitor: TestClient) -> None:
    for body in (b"", b"[]", b"\xff\xfe", b"{"):
        signed = headers(SECRET, "POST", "/webhooks/telegram", body, now=time.time())
        refused = visitor.post("/webhooks/telegram", content=body, headers=signed | {"Accept": "*/*"})
        assert refused.status_code == 422, body


def test_odd_names_and_words_are_kept_as_they_are(send: Send, database: Engine) -> None:
    name = "<script>" + "я" * 200
    assert send("🌷" * 50, **{"from": name}).status_code == 200
    assert send("4127 " * 3000, **{"from": name}).status_code == 200
    with reading(database) as db:
        (row,) = db.query(ChatRow).all()
        longest = max(len(message.text.split()) for message in chats.messages_of(db, row.id))
    assert longest == 2000


def test_a_number_the_bridge_vouches_for_opens_what_belongs_to_it(
    send: Send, chat_runtime: ChatRuntime, database: Engine
) -> None:
    with transaction(database) as db:
        cards.save_customer(db, Customer(id="1", name="Анна", phone=PHONE, language="ru", source="phone"))
    greeted = send("здравствуйте", phone="89161234567").json()["replies"]
    assert greeted[0].startswith("Здравствуйте, ")
    (chat,) = rows(database)
    assert chat.customer_id == "1"
    stranger = send("здравствуйте", **{"from": "43"}).json()["replies"]
    assert stranger[0] == "Здравствуйте!"


def test_a_mail_counts_without_what_it_quotes(send: Send, database: Engine) -> None:
    mail = "Где мой заказ 4127?\r\n\r\n-- \r\nАнна, 5206\r\n> Заказ 3850\r\n"
    answer = send(mail, name="mail", **{"from": "Anna@Example.org"}).json()["replies"]
    assert "Заказ 4127" in " ".join(answer)
    with reading(database) as db:
        card = cards.find_by_email(db, "anna@example.org")
        assert card is not None
        assert [line.channel for line in history(db, card.id)] == ["mail"]
        assert card.source == "mail"


def test_faulty_scenarios_are_told_to_the_bridge(send: Send, visitor: TestClient, tmp_path: Path) -> None:
    state = visitor.app.state  # type: ignore[attr-defined]
    state.chat_runtime = ChatRuntime(state.engine, RobotSettings(scenarios=str(tmp_path)))
    away = send("4127")
    assert (away.status_code, away.json()["code"]) == (503, "robot_away")


def test_what_was_written_is_known_on_the_telephone(send: Send, database: Engine) -> None:
    send("заказ 4127", phone=PHONE)
    reply = look_back(database)("8 (916) 123-45-67")
    assert reply.outcome == "order"
    assert dict(reply.facts) == {"order.number": "4127", "history.channel": "chat"}
    assert look_back(database)("+79031112233").outcome == "none"
