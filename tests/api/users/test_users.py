"""Users as an administrator sees to them: by page and by command, on SQLite."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.access import members
from api.cli import app as command_line
from api.installation import installation
from api.kit import auth
from api.kit.roles import Role
from recordings.database import migrate, reading, transaction
from recordings.privacy import audit
from recordings.quality import evaluations
from recordings.tables import UserRow
from tests.api.example import write_call

pytestmark = pytest.mark.services

Otklik = Callable[..., int]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(url)
    return url


@pytest.fixture
def otklik(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> Otklik:
    """A command on the database of the pages; ``given`` is typed at it."""
    monkeypatch.setattr(installation, "open_database", lambda: visitor.app.state.engine)  # type: ignore[attr-defined]

    def run(*arguments: object, given: str = "") -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        try:
            return command_line([str(one) for one in arguments], standalone_mode=False) or 0
        except SystemExit as end:
            return int(end.code or 0)

    return run


def state_of(client: TestClient, login: str) -> UserRow:
    with reading(client.app.state.engine) as db:  # type: ignore[attr-defined]
        return db.scalars(select(UserRow).where(UserRow.login == login)).one()


def send(client: TestClient, path: str, **form: str) -> Any:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/users").text)
    assert found
    return client.post(path, data={"csrf": found[1], **form})


def test_a_user_is_made_used_switched_off_and_removed(browser_of_olga: TestClient) -> None:
    olga = browser_of_olga
    assert send(olga, "/users", login="ann", language="ru", role="").status_code == 422, "no role is the default"
    made = send(olga, "/users", login="ann", language="ru", role="analyst")
    password = re.search(r'id="secret">([\w-]+)<', made.text)
    assert password
    assert send(olga, "/users", login="ann", language="ru", role="analyst").status_code == 422
    at = f"/users/{state_of(olga, 'ann').id}"
    assert password[1] not in olga.get(at).text
    ann = TestClient(olga.app, follow_redirects=False, headers={"Accept": "text/html"})
    entered = ann.post("/login", data={"login": "ann", "password": password[1]})
    assert entered.status_code == 303
    assert ann.get("/calls").headers["location"] == "/account/password"
    assert send(olga, f"{at}/role", role="quality", agent="PJSIP/9").status_code == 303
    assert state_of(olga, "ann").agent == "PJSIP/9"
    assert send(olga, f"{at}/off").status_code == 303
    assert ann.get("/account/password").headers["location"].startswith("/login")
    assert ann.post("/login", data={"login": "ann", "password": password[1]}).status_code == 401
    assert send(olga, f"{at}/on").status_code == 303
    assert ann.post("/login", data={"login": "ann", "password": password[1]}).status_code == 303
    assert send(olga, f"{at}/remove", again="anna").status_code == 422
    assert send(olga, f"{at}/remove", again="ann").headers["location"] == "/users"
    assert olga.get(at).status_code == 404
    assert ann.get("/account/password").headers["location"].startswith("/login")
    assert send(olga, "/users", login="ann", language="ru", role="admin").status_code == 422, "the name stays taken"
    with reading(olga.app.state.engine) as db:  # type: ignore[attr-defined]
        done = [line.action for line in audit.each_line(db) if line.subject == "ann" and line.login == "olga"]
    assert done == ["user.added", "user.role", "user.off", "user.on", "user.removed"]


def test_sessions_tokens_password_and_second_factor_of_others(browser_of_olga: TestClient) -> None:
    olga = browser_of_olga
    engine = olga.app.state.engine  # type: ignore[attr-defined]
    with transaction(engine) as db:
        user = auth.create_user(db, "ann", "correct horse", "ru", role=Role.ANALYST)
        secrets = [auth.open_session(db, user, hours=1, browser=f"Firefox/{n} Linux") for n in range(3)]
        auth.create_token(db, "ann", "report", days=5, scopes=["read"])
    at = f"/users/{user.id}"
    page = olga.get(at).text
    assert page.count("Firefox, Linux") >= 3
    assert "report" in page
    send(olga, f"{at}/sessions", session=auth.handle(auth.digest(secrets[0])))
    with reading(engine) as db:
        assert [auth.session_user(db, secret) is not None for secret in secrets] == [False, True, True]
    send(olga, f"{at}/sessions")
    with reading(engine) as db:
        assert not members.open_sessions(db, user.id)
        (token,) = members.tokens(db, user.id)
    send(olga, f"{at}/tokens/{token.id}")
    with reading(engine) as db:
        assert not members.tokens(db, user.id)
    drawn = re.search(r'id="secret">([\w-]+)<', send(olga, f"{at}/password").text)
    assert drawn
    with reading(engine) as db:
        known = auth.sign_in(db, "ann", drawn[1])
    assert known is not None
    assert known.must_change
    assert send(olga, f"{at}/factor").status_code == 303


def test_the_only_administrator_cannot_be_lost(browser_of_olga: TestClient) -> None:
    at = f"/users/{state_of(browser_of_olga, 'olga').id}"
    for path, form in (("off", {}), ("remove", {"again": "olga"}), ("role", {"role": "analyst"})):
        refused = send(browser_of_olga, f"{at}/{path}", **form)
        assert refused.status_code == 422
        assert "единственный администратор" in refused.text


def test_a_phone_is_one_users_unless_the_installation_says_otherwise(browser_of_olga: TestClient) -> None:
    olga = browser_of_olga
    assert send(olga, "/users", login="ivan", language="ru", role="agent", agent="PJSIP/7").status_code == 200
    refused = send(olga, "/users", login="petr", language="ru", role="agent", agent="PJSIP/7")
    assert refused.status_code == 422
    assert "OTKLIK_SHARED_PHONES" in refused.text
    state = olga.app.state  # type: ignore[attr-defined]
    state.settings = state.settings.model_copy(update={"shared_phones": True})
    assert send(olga, "/users", login="petr", language="ru", role="agent", agent="PJSIP/7").status_code == 200
    assert "каждый видит оценки всех его звонков" in olga.get(f"/users/{state_of(olga, 'petr').id}").text


def test_others_have_no_users_page(visitor: TestClient) -> None:
    with transaction(visitor.app.state.engine) as db:  # type: ignore[attr-defined]
        auth.create_user(db, "sven", "correct horse", "ru", role=Role.SUPERVISOR)
    visitor.post("/login", data={"login": "sven", "password": "correct horse"})
    assert visitor.get("/users").status_code == 403
    assert 'href="/users"' not in visitor.get("/calls").text


def test_a_removed_evaluator_leaves_their_name_and_no_drafts(browser_of_olga: TestClient, otklik: Otklik) -> None:
    engine = browser_of_olga.app.state.engine  # type: ignore[attr-defined]
    from analytics.quality.scoring import EXAMPLES, add_card
    from recordings.audio_store import AudioStore

    call = write_call(engine, AudioStore(browser_of_olga.app.state.settings.audio_url))  # type: ignore[attr-defined]
    with transaction(engine) as db:
        card, _ = add_card(db, (EXAMPLES / "ru" / "service.yaml").read_text("utf-8"), by="olga")
        assert card is not None
        auth.create_user(db, "kate", "correct horse", "ru", role=Role.QUALITY)
        of_call: dict[str, Any] = {
            "recording_id": call.recording.id,
            "scorecard": card.version,
            "evaluator": "kate",
            "answers": {},
        }
        sent, _ = evaluations.open_evaluation(db, **of_call)
        evaluations.submit(db, sent.id, answers={}, comment="", score=50.0)
        draft, _ = evaluations.open_evaluation(db, **of_call, calibration="ноябрь")
    assert otklik("users", "remove", "kate") == 0
    with reading(engine) as db:
        kept = evaluations.find_evaluation(db, sent.id)
        assert kept is not None
        assert kept.evaluator == "kate"
        assert evaluations.find_evaluation(db, draft.id) is None, "a calibration would wait for it for ever"
    assert "kate" in browser_of_olga.get(f"/quality/evaluations/{sent.id}").text


def test_commands(visitor: TestClient, otklik: Otklik, capsys: pytest.CaptureFixture[str]) -> None:
    engine = visitor.app.state.engine  # type: ignore[attr-defined]

    def said(*arguments: object, given: str = "", code: int = 0) -> str:
        capsys.readouterr()
        assert otklik(*arguments, given=given) == code, arguments
        output = capsys.readouterr()
        return output.out if code == 0 else output.err

    said("users", "add", "ann", "--role", "analyst", "--agent", "PJSIP/9", given="a long password\n")
    assert "phone of ann" in said(
        "users", "add", "pete", "--role", "agent", "--agent", "PJSIP/9", given="a long password\n", code=1
    )
    assert "ann\tanalyst\tPJSIP/9\tru\ton\t-\t-" in said("users", "list")
    with transaction(engine) as db:
        user = auth.sign_in(db, "ann", "a long password")
        assert user is not None
        auth.open_session(db, user, hours=1, address="203.0.113.5", browser="Firefox/1")
        auth.open_session(db, user, hours=1)
    first = said("users", "sessions", "ann").splitlines()
    assert any("203.0.113.5\tFirefox/1" in line for line in first)
    said("users", "sessions", "ann", "--end", first[0].split("\t")[0])
    assert len(said("users", "sessions", "ann").splitlines()) == 1
    said("users", "sessions", "ann", "--end", "all")
    assert said("users", "sessions", "ann") == ""
    assert "no such session" in said("users", "sessions", "ann", "--end", "all", code=1)

    token = said("users", "token", "ann", "--name", "report").strip()
    line = said("users", "tokens", "ann").strip()
    assert re.match(r"[0-9a-f]{16}\tann\treport\tread\t-\t\d{4}-", line)
    asking = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    assert visitor.get("/api/calls", headers=asking).status_code == 200
    assert "may not" in said("users", "token", "ann", "--scope", "originals", code=1)
    assert "up to 90 days" in said("users", "token", "ann", "--days", "91", code=1)
    said("users", "tokens", "--revoke", line.split("\t")[0])
    assert visitor.get("/api/calls", headers=asking).status_code == 401
    assert "no token" in said("users", "tokens", "--revoke", line.split("\t")[0], code=1)

    said("users", "token", "ann", "--scope", "all")
    said("users", "off", "ann")
    assert said("users", "tokens") == ""
    assert "\toff\t" in said("users", "list")
    said("users", "on", "ann")
    said("users", "reset-factor", "ann")
    said("users", "remove", "ann")
    assert "ann" not in said("users", "list")
    assert "only administrator" in said("users", "remove", "olga", code=1)
