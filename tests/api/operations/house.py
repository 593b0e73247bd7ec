"""A company with everything in it that somebody can do something about: by page, by JSON, by command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, update

from analytics.quality.scoring import EXAMPLES
from api.access import members, second_factor
from api.cli import app
from api.kit import auth
from recordings.alerts.alerts import Alert, raise_once
from recordings.calls import callbacks
from recordings.contacts.call import Callback
from recordings.database import reading, transaction
from recordings.jobs import start_job
from recordings.tables import (
    AlertRow,
    CallbackRow,
    JobRow,
    RecordingRow,
    SampleRow,
    SecondFactorRow,
    TopicRow,
)
from tests.api.example import Example

CALL, CUSTOMER, CHAT, PHONE = "1795327401.7", "7", "chat-1", "+79161234567"
CARD = (EXAMPLES / "ru" / "service.yaml").read_text("utf-8")
DICTIONARY = "возврат: [вернуть деньги]\n"
NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A company with one call, one chat, a program that logs in as olga, and a command line."""

    engine: Engine
    program: TestClient
    example: Example
    folder: Path

    def get(self, path: str, **query: str) -> None:
        assert self.program.get(path, params=query).status_code == 200, path

    def post(self, path: str, **form: str) -> None:
        answer = self.program.post(path, data=form)
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[:500])

    def otklik(self, *arguments: object) -> None:
        assert not app([str(argument) for argument in arguments], standalone_mode=False), arguments

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def park(self) -> None:
        with transaction(self.engine) as db:
            db.execute(update(RecordingRow).values(state="parked"))

    def callback(self) -> str:
        with transaction(self.engine) as db:
            db.execute(delete(CallbackRow))
            callbacks.wait_in_chat(db, Callback(chat_id=CHAT, phone=PHONE, reason="", requested_at=NOW))
        with reading(self.engine) as db:
            (waiting,) = callbacks.open_callbacks(db)
        return waiting.id

    def topic(self) -> str:
        with transaction(self.engine) as db:
            db.execute(delete(TopicRow))
            db.add(TopicRow(id="t1", language="ru", name="доставка", state="proposed", centre=[], created_at=NOW))
        return "t1"

    def job(self, state: str) -> str:
        with transaction(self.engine) as db:
            job = start_job(db, "rerun", {})
            db.execute(update(JobRow).where(JobRow.id == job.id).values(state=state))
        return job.id

    def rules(self, text: str = DICTIONARY) -> str:
        """Version of a draft that is there."""
        from analytics.dictionary import read_rule_set
        from recordings.rules.rule_sets import add_rule_set

        files = {"ru/shop.yaml": text}
        with transaction(self.engine) as db:
            add_rule_set(db, version := read_rule_set(files).version, files)
        return version

    def alert(self) -> str:
        alert = Alert(rule="x", contact_id=CALL, recording_id=None, evidence=None, at=NOW)
        with transaction(self.engine) as db:
            db.execute(delete(AlertRow))
            raise_once(db, alert, body={})
        return alert.id

    def phrase(self) -> str:
        with transaction(self.engine) as db:
            db.execute(delete(SampleRow))
            db.add(SampleRow(id="s1", language="ru", text="где", state="candidate", reason="unclear", created_at=NOW))
        return "s1"

    def session(self) -> str:
        """Whose there is one."""
        with transaction(self.engine) as db:
            auth.open_session(db, auth.user_of(db, auth.find_user(db, "ann")), hours=1)
        return "ann"

    def token(self) -> str:
        with reading(self.engine) as db:
            return members.tokens(db, auth.find_user(db, "ann").id)[0].id

    def factor(self) -> str:
        """Who has one."""
        with transaction(self.engine) as db:
            second_factor.begin(db, user := auth.find_user(db, "ann").id)
            db.execute(update(SecondFactorRow).where(SecondFactorRow.user_id == user).values(confirmed_at=NOW))
        return "ann"

    def in_browser(self, _subject: str, *, path: str, form: dict[str, str]) -> None:
        """What programs may not: by a browser session of olga, whose log-in leaves no line here."""
        with transaction(self.engine) as db:
            secret = auth.open_session(db, olga := auth.user_of(db, auth.find_user(db, "olga")), hours=1)
            db.flush()
            found = auth.session_user(db, secret)
            ids = {user.login: user.id for user in auth.list_users(db)}
            ids["token"] = members.tokens(db, olga.id)[0].id
        assert found is not None
        headers = {"Authorization": "", "Cookie": f"otklik_session={secret}"}
        browser = TestClient(self.program.app, follow_redirects=False, headers=headers)
        del browser.headers["Authorization"]
        answer = browser.post(path.format(**ids), data={"csrf": found[0].csrf, **form})
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[:500])

    def hold(self) -> str:
        from recordings.privacy.legal_holds import add_hold

        with transaction(self.engine) as db:
            return add_hold(db, contact_id=CALL, reason="court", by="olga").id
