"""A browser with the chat open, for the tests of the socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient
from sqlalchemy import Engine
from starlette.testclient import WebSocketTestSession

from recordings.contacts.chat import Chat, Message
from recordings.customers import chats
from recordings.database import reading
from recordings.tables import ChatRow

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
