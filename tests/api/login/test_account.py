"""One's own log-in: drawn password, second factor, sessions, tokens; and what stays closed without them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Engine, delete, select, update

from api.access.throttle import Place
from api.app import create_app
from api.kit import auth
from api.kit.roles import Role
from api.operations import logins
from api.settings import WebSettings
from recordings.database import migrate, reading, transaction
from recordings.privacy import audit
from recordings.tables import AuditRow, LoginFailureRow, SecondFactorRow, SessionRow

pytestmark = pytest.mark.services

PASSWORD, OTHER = "correct horse", "battery staple"


@dataclass(slots=True)
class House:
    app: FastAPI
    engine: Engine

    def browser(self) -> Browser:
        client = TestClient(self.app, follow_redirects=False, headers={"Accept": "text/html", "Accept-Language": "en"})
        return Browser(client=client)

    def lines(self) -> list[tuple[str, str, str]]:
        with reading(self.engine) as db:
            return [(line.login, line.action, line.subject) for line in audit.each_line(db)]

    def later(self) -> None:
        """Codes are used up by the half-minute: pretend that none was used yet."""
        with transaction(self.engine) as db:
            db.execute(update(SecondFactorRow).values(counter=0))


@dataclass(slots=True)
class Browser:
    client: TestClient

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, page: str = "/account", **form: str | list[str]) -> Any:
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get(page).text)
        assert found, page
        return self.client.post(path, data={"csrf": found[1], **form})

    def log_in(self, login: str, password: str = PASSWORD, path: str = "/") -> str:
        """Where it leads."""
        answer = self.client.post("/login", data={"login": login, "password": password, "next": path})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def give(self, code: str) -> Any:
        return self.client.post("/login/code", data={"code": code, "next": "/account"})

    def enrol(self) -> tuple[pyotp.TOTP, list[str]]:
        page = self.get("/account/factor").text
        key = re.search(r'id="key">([A-Z2-7 ]+)<', page)
        assert key, page
        made = pyotp.TOTP(key[1].replace(" ", ""))
        shown = self.post("/account/factor", "/account/factor", code=made.at(time()))
        assert shown.status_code == 200
        return made, re.findall(r"<li><code>([a-z0-9-]+)</code>", shown.text)

    @property
    def is_in(self) -> bool:
        return bool(self.get("/account").status_code == 200)


@pytest.fixture
def settings(tmp_path: Path) -> WebSettings:
    url = f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(url)
    return WebSettings(
        database_url=url,
        audio_url=f"file://{tmp_path / 'sound'}",
        web_https=False,
        second_factor="originals",
        login_secret=SecretStr("secret of this installation"),
    )


@pytest.fixture
def house(settings: WebSettings) -> Iterator[House]:
    app = create_app(settings)
    with transaction(app.state.engine) as db:
        for login, role in (("boss", Role.ADMIN), ("sven", Role.SUPERVISOR), ("ann", Role.ANALYST)):
            auth.create_user(db, login, PASSWORD, "en", role=role)
        auth.create_user(db, "new", PASSWORD, "en", role=Role.ANALYST, drawn=True)
    yield House(app, app.state.engine)
    app.state.engine.dispose()


def test_a_drawn_password_opens_nothing_but_the_choice_of_ones_own(house: House) -> None:
    browser = house.browser()
    browser.log_in("new")
    for path in ("/", "/calls", "/account", "/docs"):
        assert browser.get(path).headers["location"] == "/account/password"
    assert browser.get("/account/factor").headers["location"] == "/account/password"
    program = browser.client.get("/api/calls", headers={"Accept": "application/json"})
    assert (program.status_code, program.json()["code"]) == (403, "password_wanted")
    for form in (
        {"old": PASSWORD, "new": OTHER, "again": "something else"},
        {"old": PASSWORD, "new": "short", "again": "short"},
        {"old": PASSWORD, "new": PASSWORD, "again": PASSWORD},
        {"old": "wrong", "new": OTHER, "again": OTHER},
    ):
        assert browser.post("/account/password", "/account/password", **form).status_code == 422, form
    changed = browser.post("/account/password", "/account/password", old=PASSWORD, new=OTHER, again=OTHER)
    assert (changed.status_code, changed.headers["location"]) == (303, "/")
    assert browser.get("/calls").status_code == 200
    assert ("new", "user.password", "new") in house.lines()


def test_a_new_password_ends_other_browsers_and_tokens(house: House) -> None:
    here, there = house.browser(), house.browser()
    here.log_in("ann")
    there.log_in("ann")
    made = here.post("/account/tokens", name="report", days="30", scope=["write"])
    token = re.search(r"otk_[\w-]+", made.text)
    assert token
    asking = {"Authorization": f"Bearer {token[0]}", "Accept": "application/json"}
    program = TestClient(house.app, headers=asking)
    assert program.get("/api/calls").status_code == 200
    here.post("/account/password", "/account/password", old=PASSWORD, new=OTHER, again=OTHER)
    assert here.is_in
    assert not there.is_in
    assert program.get("/api/calls").status_code == 401


def test_sessions_are_seen_and_ended_one_by_one_and_all(house: House) -> None:
    browsers = [house.browser() for _ in range(3)]
    for number, browser in enumerate(browsers):
        browser.client.headers["User-Agent"] = f"Mozilla/5.0 (X11; Linux x86_64) Firefox/{number}"
        browser.log_in("ann")
    page = browsers[0].get("/account").text
    assert page.count("Firefox, Linux") >= 3
    with reading(house.engine) as db:
        hashes = {row.browser[-1]: row.token_hash for row in db.scalars(select(SessionRow))}
    browsers[0].post("/account/sessions/end", session=hashes["1"][:16])
    assert [browser.is_in for browser in browsers] == [True, False, True]
    browsers[0].post("/account/sessions/end", session="%")  # nobody's
    assert [browser.is_in for browser in browsers] == [True, False, True]
    stranger = house.browser()
    stranger.log_in("sven")
    stranger.post("/account/sessions/end", session=hashes["0"][:16])
    assert browsers[0].is_in, "another user's session is not theirs to end"
    browsers[2].post("/account/sessions/end")
    assert [browser.is_in for browser in browsers] == [False, False, True]
    browsers[2].post("/logout")
    assert not browsers[2].is_in
    assert [action for login, action, _ in house.lines() if login == "ann"].count("session.ended") == 2
    assert ("ann", "login.closed", "ann") in house.lines()


def test_a_page_that_refreshes_itself_keeps_nobody_logged_in(house: House, settings: WebSettings) -> None:
    browser = house.browser()
    browser.log_in("ann")
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    with transaction(house.engine) as db:
        before = db.scalars(select(SessionRow.seen_at)).one()
        db.execute(update(SessionRow).values(seen_at=datetime.fromtimestamp(before.timestamp() - 600, UTC)))
    browser.client.get("/calls", headers={"X-Poll": "1"})
    with reading(house.engine) as db:
        assert db.scalars(select(SessionRow.seen_at)).one() < before
    browser.get("/calls")
    with transaction(house.engine) as db:
        assert db.scalars(select(SessionRow.seen_at)).one() >= before
        db.execute(update(SessionRow).values(seen_at=long_ago))
    assert browser.get("/calls").headers["location"].startswith("/login")


def test_who_may_see_originals_is_asked_for_a_second_factor_and_sees_none_before(house: House) -> None:
    browser = house.browser()
    assert browser.log_in("sven", path="/calls?q=x") == "/account/factor?next=/calls%3Fq%3Dx"
    assert 'href="/calls?q=x"' in browser.get("/account/factor?next=/calls%3Fq%3Dx").text, "later"
    assert browser.get("/calls").status_code == 200
    assert browser.get("/calls?original=1").headers["location"] == "/account/factor"
    program = browser.client.get("/api/calls?original=true", headers={"Accept": "application/json"})
    assert (program.status_code, program.json()["code"]) == (403, "factor_wanted")
    with transaction(house.engine) as db:
        token = auth.create_token(db, "sven", "sound")
    asking = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    assert TestClient(house.app).get("/api/calls?original=true", headers=asking).json()["code"] == "factor_wanted"
    made, _ = browser.enrol()
    assert browser.get("/calls?original=1").status_code == 200
    assert TestClient(house.app).get("/api/calls?original=true", headers=asking).status_code == 200
    assert made.secret not in "".join(map(str, house.lines()))

    ann = house.browser()
    assert ann.log_in("ann", path="/calls") == "/calls", "nobody asks who sees no originals"
    boss = house.browser()
    boss.log_in("boss")
    assert boss.get("/privacy").headers["location"] == "/account/factor"
    assert boss.get("/users").status_code == 200


def test_the_log_in_takes_a_code_then_and_each_counts_once(house: House) -> None:
    first = house.browser()
    first.log_in("sven")
    made, recovery = first.enrol()
    house.later()
    code = made.at(time())
    one, two = house.browser(), house.browser()
    for browser in (one, two):
        assert browser.log_in("sven") == "/login/code?next=/"
        assert not browser.is_in, "the password alone opens nothing"
        assert browser.get("/calls").headers["location"].startswith("/login")
    assert one.give("000000").status_code == 401
    half = one.client.cookies["otklik_session"]
    assert one.give(code).headers["location"] == "/account"
    assert one.is_in
    assert one.client.cookies["otklik_session"] != half
    assert two.give(code).status_code == 401, "the code is used up"
    assert two.give(recovery[0]).status_code == 303
    assert two.is_in
    three = house.browser()
    three.log_in("sven")
    assert three.give(recovery[0]).status_code == 401
    assert house.browser().give(code).headers["location"].startswith("/login?"), "nobody gave a password"
    shown = [line for line in house.lines() if line[1] in ("second_factor.set", "second_factor.failed")]
    assert shown == [("sven", "second_factor.set", "sven"), ("", "second_factor.failed", "sven")]


def test_enrolling_ends_the_browsers_that_came_in_without(house: House) -> None:
    here, there = house.browser(), house.browser()
    for browser in (here, there):
        browser.log_in("sven")
    here.enrol()
    assert here.is_in
    assert not there.is_in


def test_codes_are_guessed_slowly_also_by_who_is_logged_in(house: House) -> None:
    browser = house.browser()
    browser.log_in("sven")
    made, _ = browser.enrol()
    house.later()
    for _ in range(5):
        assert browser.post("/account/factor/off", "/account/factor", code="000000").status_code == 422
    slowed = browser.post("/account/factor/off", "/account/factor", code=made.at(time()))
    assert slowed.status_code == 429
    with transaction(house.engine) as db:
        db.execute(delete(LoginFailureRow))
    renewed = browser.post("/account/factor/codes", "/account/factor", code=made.at(time()))
    assert len(re.findall(r"<li><code>", renewed.text)) == 10
    house.later()
    assert browser.post("/account/factor/off", "/account/factor", code=made.at(time())).status_code == 303
    assert house.browser().log_in("sven").startswith("/account/factor"), "asked to set it up, and for no code"


def test_a_second_factor_for_everybody_opens_nothing_before(settings: WebSettings) -> None:
    app = create_app(settings.model_copy(update={"second_factor": "all"}))
    with transaction(app.state.engine) as db:
        auth.create_user(db, "ann", PASSWORD, "en", role=Role.ANALYST)
    browser = House(app, app.state.engine).browser()
    browser.log_in("ann")
    assert browser.get("/calls").headers["location"] == "/account/factor"
    assert "Later" not in browser.get("/account/factor").text
    browser.enrol()
    assert browser.get("/calls").status_code == 200
    app.state.engine.dispose()


def test_a_second_factor_is_wanted_where_others_can_come_in() -> None:
    assert WebSettings(web_https=False).factor_wanted == "off"
    assert WebSettings(web_https=True).factor_wanted == "originals"
    assert WebSettings(web_https=True, second_factor="off").factor_wanted == "off"


def test_tokens_are_made_with_less_shown_once_and_taken_back(house: House) -> None:
    browser = house.browser()
    browser.log_in("ann")
    for wrong in (
        {"name": " ", "days": "5"},
        {"name": "x", "days": "0"},
        {"name": "x", "days": "91"},
        {"name": "x", "days": "nan"},
        {"name": "x", "days": "5", "scope": ["originals"]},
        {"name": "x", "days": "5", "scope": ["users"]},
    ):
        assert browser.post("/account/tokens", **wrong).status_code == 422, wrong
    made = browser.post("/account/tokens", name="report", days="5")
    token = re.search(r"otk_[\w-]+", made.text)
    assert token
    page = browser.get("/account").text
    assert token[0] not in page
    revoke = re.search(r'action="(/account/tokens/[0-9a-f]+/revoke)"', page)
    assert revoke
    asking = {"Authorization": f"Bearer {token[0]}", "Accept": "application/json"}
    program = TestClient(house.app, headers=asking, follow_redirects=False)
    assert program.get("/api/calls").status_code == 200
    assert program.get("/api/calls").status_code == 200
    written = program.post("/callbacks/1/done")
    assert (written.status_code, written.json()["code"]) == (403, "not_allowed"), "it closed call-backs"
    for path in ("/account", "/account/password"):
        assert program.get(path).json()["code"] == "browser_only"
    stranger = house.browser()
    stranger.log_in("sven")
    stranger.post(revoke[1])
    assert program.get("/api/calls").status_code == 200, "another user's token is not theirs to take"
    browser.post(revoke[1])
    assert program.get("/api/calls").status_code == 401
    actions = [action for login, action, _ in house.lines() if login == "ann"]
    assert [action for action in actions if "token" in action] == ["user.token", "token.used", "token.revoked"]


def test_coming_in_and_failing_leave_lines_and_an_attack_fills_no_trail(house: House) -> None:
    house.browser().log_in("ann")
    for _ in range(3):
        house.browser().client.post("/login", data={"login": "ann", "password": "guess"})
    house.browser().client.post("/login", data={"login": "my secret passphrase", "password": ""})
    assert house.lines() == [
        ("ann", "login.opened", "ann"),
        ("", "login.failed", "ann"),
        ("", "login.failed", ""),
    ], "one line for the same failure, and nothing of what was typed where no such user is"
    with transaction(house.engine) as db:
        db.execute(delete(AuditRow))
    for number in range(logins.MOST_FAILED_LINES + 40):
        logins._note_failed(house.engine, "login.failed", "ann", Place(address=f"10.0.{number}.1"))
    assert len(house.lines()) == logins.MOST_FAILED_LINES


def test_a_shared_phone_shows_nobody_whose_calls_are_not_known(house: House) -> None:
    with transaction(house.engine) as db:
        for login in ("ivan", "petr"):
            auth.create_user(db, login, PASSWORD, "en", role=Role.AGENT, agent="PJSIP/7")
    browser = house.browser()
    browser.log_in("ivan")
    page = browser.get("/quality/mine").text
    assert "Others answer your phone too: petr." in page
    assert "evaluations are closed" in page
