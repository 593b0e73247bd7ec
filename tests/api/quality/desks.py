"""A company with one call, one scorecard, and a browser that changes hands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from analytics.quality.scoring import EXAMPLES
from api.kit import auth
from api.kit.deps import SESSION_COOKIE
from recordings.database import transaction
from recordings.tables import UserRow
from tests.api.example import Example

TEXT = (EXAMPLES / "ru" / "service.yaml").read_text("utf-8")
MANUAL = {"understood": "4", "correct": "full", "tone": "5", "apology": "na"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A company with one call, one scorecard, and a browser that changes hands."""

    client: TestClient
    engine: Engine
    call: Example
    version: str

    def as_(self, login: str) -> str:
        """Give the browser to somebody; gives the secret of their forms."""
        with transaction(self.engine) as db:
            row = db.scalar(select(UserRow).where(UserRow.login == login))
            assert row is not None
            user = auth.User(id=row.id, login=login, language="ru")
            session = auth.open_session(db, user, hours=1)
        self.client.cookies.clear()
        self.client.cookies.set(SESSION_COOKIE, session)
        return secret(self.client.get("/quality/mine"))

    def begin(self, csrf: str) -> str:
        """Path of the evaluation of the call."""
        form = {"csrf": csrf, "call": self.call.call.id, "scorecard": self.version}
        opened = self.client.post("/quality/evaluations", data=form)
        assert opened.status_code == 303, opened.text
        return opened.headers["location"]

    def send(self, path: str, csrf: str, answers: dict[str, str], action: str = "submit", **more: str) -> Any:
        """Fill in the form as it is shown, with ``answers`` changed."""
        page = self.client.get(path).text
        lines = [
            (name, answers.get(name) or chosen(block), comment(block) or more.get(name, ""))
            for name, block in items(page)
        ]
        form: dict[str, object] = {
            "csrf": csrf,
            "action": action,
            "item": [name for name, _, _ in lines],
            "answer": [answer for _, answer, _ in lines],
            "comment": [words for _, _, words in lines],
            "start": ["0:12"] * len(lines),
            "end": [""] * len(lines),
            "about": "в целом",
        }
        return self.client.post(path if action != "settle" else f"{path}/settle", data=form | more)


def secret(page: Any) -> str:
    found = re.search('name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def items(page: str) -> list[tuple[str, str]]:
    return re.findall(r'name="item" value="(\w+)">(.*?)</div>', page, re.DOTALL)


def chosen(block: str) -> str:
    found = re.search(r'value="(\w+)" selected', block)
    return found[1] if found else ""


def comment(block: str) -> str:
    found = re.search(r'name="comment" value="([^"]*)"', block)
    return found[1] if found else ""
