"""Each way to a use case, by page, by JSON and by command line, leaves exactly one audit line: who, what, of what."""

from __future__ import annotations

import getpass
import io
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete

from analytics.alerts import DEFAULT
from api.app import create_app
from api.cli import app
from api.kit import auth
from api.kit.roles import Role
from api.operations.privacy import privacy_settings
from api.settings import WebSettings
from recordings.audio_store import AudioStore
from recordings.contacts.chat import Chat
from recordings.customers import chats
from recordings.database import migrate, reading, transaction
from recordings.privacy import audit
from recordings.privacy.subject import digest_of_text
from recordings.tables import (
    AuditRow,
)
from tests.api.example import write_call
from tests.api.operations.house import CALL, CARD, CHAT, CUSTOMER, NOW, PHONE, House

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with pytest.MonkeyPatch.context() as environment:
        url, sounds = f"sqlite:///{folder / 'otklik.db'}", f"file://{folder / 'sound'}"
        environment.setenv("OTKLIK_HOME", str(folder / "home"))
        environment.setenv("OTKLIK_DATABASE_URL", url)
        environment.setenv("OTKLIK_AUDIO_URL", sounds)
        environment.setenv("OTKLIK_REDIS_URL", "redis://127.0.0.1:1/0")
        migrate(url)
        server = create_app(
            WebSettings(database_url=url, audio_url=sounds, redis_url="redis://127.0.0.1:1/0", web_https=False)
        )
        engine: Engine = server.state.engine
        example = write_call(engine, AudioStore(sounds))
        with transaction(engine) as db:
            auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN)
            token = auth.create_token(db, "olga", "tests")
            chats.open_chat(
                db,
                Chat(
                    id=CHAT, channel="web", address="a", customer_id=CUSTOMER, language="ru", scenario="s",
                    scenario_version="1", started_at=NOW, last_at=NOW,
                ),
            )  # fmt: skip
        with TestClient(server, follow_redirects=False, headers={"Authorization": f"Bearer {token}"}) as program:
            assert program.get("/docs").status_code == 200  # the first use of a token leaves a line of its own
            yield House(engine=engine, program=program, example=example, folder=folder)


Way = tuple[str, str, Callable[[House], str], Callable[[House, str], None]]
"""Name; action of the line; what prepares and gives the subject; what is done with it."""


def nothing(_house: House) -> str:
    return ""


def call(_house: House) -> str:
    return CALL


def parked(house: House) -> str:
    house.park()
    return CALL


def all_parked(house: House) -> str:
    house.park()
    return ""


def named(subject: str) -> Callable[[House], str]:
    return lambda _house: subject


ORIGINAL = {"original": "1"}
BOTH = "*"
"""A subject that only the operation knows: an id or a version made by it."""

WAYS: tuple[Way, ...] = (
    ("page call", "original.read", call, lambda house, at: house.get(f"/calls/{at}", **ORIGINAL)),
    ("json call", "original.read", call, lambda house, at: house.get(f"/api/calls/{at}", **ORIGINAL)),
    ("json transcript", "original.read", call, lambda h, at: h.get(f"/api/calls/{at}/transcript", **ORIGINAL)),
    ("json findings", "original.read", call, lambda h, at: h.get(f"/api/calls/{at}/findings", **ORIGINAL)),
    ("cli call", "original.read", call, lambda house, at: house.otklik("calls", "show", at, "--original")),
    ("page calls", "original.searched", nothing, lambda house, _: house.get("/calls", **ORIGINAL)),
    ("json calls", "original.searched", nothing, lambda house, _: house.get("/api/calls", **ORIGINAL)),
    (
        "json calls, second page", "original.searched", nothing,
        lambda house, _: house.get("/api/calls", offset="50", **ORIGINAL),
    ),
    (
        "json calls by number", "original.searched", lambda _: digest_of_text(PHONE, privacy_settings()),
        lambda house, _: house.get("/api/calls", q="8 (916) 123-45-67", **ORIGINAL),
    ),
    (
        "page calls by words", "original.searched", lambda _: digest_of_text("диабет", privacy_settings()),
        lambda house, _: house.get("/calls", q="Диабет", **ORIGINAL),
    ),
    ("json sound", "original.heard", call, lambda house, at: house.get(f"/api/calls/{at}/audio", **ORIGINAL)),
    ("page card", "original.read", named(CUSTOMER), lambda house, at: house.get(f"/customers/{at}", **ORIGINAL)),
    ("json card", "original.read", named(CUSTOMER), lambda house, at: house.get(f"/api/customers/{at}", **ORIGINAL)),
    ("page chat", "original.read", named(CHAT), lambda house, at: house.get(f"/chats/{at}", **ORIGINAL)),
    ("json chat", "original.read", named(CHAT), lambda house, at: house.get(f"/api/chats/{at}", **ORIGINAL)),
    ("page retry", "recording.retried", parked, lambda house, at: house.post(f"/calls/{at}/retry")),
    (
        "work retry", "recording.retried", parked,
        lambda house, _: house.post(f"/work/recordings/{house.example.recording.id}/retry"),
    ),
    ("cli retry", "recording.retried", parked, lambda house, at: house.otklik("calls", "retry", at)),
    ("work retry all", "recordings.retried", all_parked, lambda house, _: house.post("/work/recordings/retry")),
    ("work stop", "job.stopped", lambda h: h.job("waiting"), lambda h, at: h.post(f"/work/jobs/{at}/stop")),
    ("work resume", "job.resumed", lambda h: h.job("stopped"), lambda h, at: h.post(f"/work/jobs/{at}/resume")),
    ("page call-back", "callback.finished", House.callback, lambda h, at: h.post(f"/callbacks/{at}/done")),
    ("page topics", "topics.searched", named(BOTH), lambda house, _: house.post("/topics/find")),
    ("page rename", "topic.renamed", House.topic, lambda house, at: house.post(f"/topics/{at}/rename", name="курьер")),
    ("page accept", "topic.accepted", House.topic, lambda house, at: house.post(f"/topics/{at}/accept")),
    ("page dismiss", "topic.dismissed", House.topic, lambda house, at: house.post(f"/topics/{at}/dismiss")),
    (
        "page draft", "rules.added", named(BOTH),
        lambda h, _: h.post("/rules/new", name="ru/shop.yaml", text="доставка: [где курьер]\n", do="save"),
    ),
    (
        "cli draft", "rules.added", named(BOTH),
        lambda h, _: h.otklik("rules", "add", h.file("mine/ru/shop.yaml", "оплата: [не прошла]\n").parents[1]),
    ),
    ("page in force", "rules.activated", House.rules, lambda house, at: house.post(f"/rules/{at}/activate")),
    ("cli in force", "rules.activated", House.rules, lambda house, at: house.otklik("rules", "activate", at)),
    ("page re-run", "rules.rerun", House.rules, lambda house, at: house.post(f"/rules/{at}/rerun", since="2026-01-01")),
    (
        "cli re-run", "rules.rerun", House.rules,
        lambda house, at: house.otklik("rules", "rerun", "--since", "2026-01-01", "--version", at),
    ),
    (
        "page scorecard", "scorecard.activated", named(BOTH),
        lambda house, _: house.post("/quality/scorecards/edit", text=CARD, action="run"),
    ),
    (
        "cli scorecard", "scorecard.activated", named(BOTH),
        lambda house, _: house.otklik("scorecard", "add", house.file("card.yaml", CARD + "\n")),
    ),
    ("page agent", "agent.named", named("PJSIP/7"), lambda h, at: h.post("/quality/agents", endpoint=at, name="Пётр")),
    ("cli agent", "agent.named", named("PJSIP/7"), lambda h, at: h.otklik("agents", "set", at, "--name", "Пётр")),
    (
        "page alerts", "alerts.changed", named(BOTH),
        lambda house, _: house.post("/alerts/rules", text=DEFAULT.read_text("utf-8")),
    ),
    ("page alert", "alert.marked", House.alert, lambda house, at: house.post(f"/alerts/{at}/state", state="seen")),
    ("cli label", "phrase.labelled", House.phrase, lambda house, at: house.otklik("learn", "label", at, "none")),
    ("cli reject", "phrase.rejected", House.phrase, lambda house, at: house.otklik("learn", "reject", at)),
    ("cli export to a pipe", "export.made", named("calls"), lambda house, at: house.otklik("export", at)),
    ("cli alerts", "alerts.changed", named(BOTH), lambda house, _: house.otklik("alerts", "use", DEFAULT)),
    ("page export", "export.made", named("calls"), lambda h, at: h.get("/figures/export", what=at, form="csv")),
    (
        "cli export", "export.made", named("calls"),
        lambda house, at: house.otklik("export", at, "--out", house.folder / "calls.csv"),
    ),
    ("page hold", "hold.added", call, lambda h, at: h.post("/privacy/holds", contact=at, reason="court")),
    ("cli hold", "hold.added", call, lambda h, at: h.otklik("privacy", "hold", "--contact", at, "--reason", "court")),
    ("page release", "hold.released", House.hold, lambda house, at: house.post(f"/privacy/holds/{at}/release")),
    ("cli release", "hold.released", House.hold, lambda house, at: house.otklik("privacy", "release", at)),
    ("page person", "person.exported", named(BOTH), lambda house, _: house.post("/privacy/export", phone=PHONE)),
    (
        "cli person", "person.exported", named(BOTH),
        lambda house, _: house.otklik("privacy", "export", PHONE, "--out", house.folder / "person.zip"),
    ),
    ("cli user", "user.added", named("ann"), lambda house, at: house.otklik("users", "add", at, "--role", "quality")),
    ("cli role", "user.role", named("ann"), lambda house, at: house.otklik("users", "role", at, "analyst")),
    ("cli password", "user.password", named("ann"), lambda house, at: house.otklik("users", "password", at)),
    ("cli token", "user.token", named("ann"), lambda house, at: house.otklik("users", "token", at)),
    ("cli revoke", "token.revoked", named("ann"), lambda h, _: h.otklik("users", "tokens", "--revoke", h.token())),
    ("cli sessions", "session.ended", House.session, lambda h, at: h.otklik("users", "sessions", at, "--end", "all")),
    ("cli factor", "second_factor.reset", House.factor, lambda h, at: h.otklik("users", "reset-factor", at)),
    ("cli off", "user.off", named("ann"), lambda house, at: house.otklik("users", "off", at)),
    ("cli on", "user.on", named("ann"), lambda house, at: house.otklik("users", "on", at)),
    ("cli removed", "user.removed", named("ann"), lambda house, at: house.otklik("users", "remove", at)),
    *(
        (f"browser {what}", action, named(subject), partial(House.in_browser, path=path, form=form))
        for what, action, subject, path, form in (
            ("user", "user.added", "eva", "/users", {"login": "eva", "role": "agent", "language": "ru"}),
            ("role", "user.role", "eva", "/users/{eva}/role", {"role": "quality"}),
            ("password", "user.password", "eva", "/users/{eva}/password", {}),
            ("off", "user.off", "eva", "/users/{eva}/off", {}),
            ("on", "user.on", "eva", "/users/{eva}/on", {}),
            ("removed", "user.removed", "eva", "/users/{eva}/remove", {"again": "eva"}),
            ("token", "user.token", "olga", "/account/tokens", {"name": "report", "days": "5"}),
            ("revoke", "token.revoked", "olga", "/account/tokens/{token}/revoke", {}),
            ("out", "login.closed", "olga", "/logout", {}),
        )
    ),
)  # fmt: skip


def test_each_way_leaves_one_line(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    for name, action, prepare, act in WAYS:
        monkeypatch.setattr(sys, "stdin", io.StringIO("a long password\n"))
        subject = prepare(house)
        with transaction(house.engine) as db:
            db.execute(delete(AuditRow))
        act(house, subject)
        with reading(house.engine) as db:
            lines = [(line.login, line.action, line.subject) for line in audit.each_line(db)]
        who = f"cli:{getpass.getuser()}" if name.startswith("cli") else "olga"
        found = [(login, did, BOTH if subject == BOTH and what else what) for login, did, what in lines]
        if found != [(who, action, subject)]:
            wrong.append((name, lines))
    assert wrong == []


def test_each_search_of_originals_and_each_page_leaves_its_line(house: House) -> None:
    """Failed before: no subject, and whatever was asked within five minutes was one line."""
    with transaction(house.engine) as db:
        db.execute(delete(AuditRow))
    for asked in ({"q": PHONE}, {"q": "+79990000005"}, {"q": "меня зовут Иван Петров"}, {"offset": "50"}, {"q": PHONE}):
        house.get("/api/calls", **ORIGINAL, **asked)
    with reading(house.engine) as db:
        lines = [(line.subject, line.detail) for line in audit.each_line(db)]
    assert len(lines) == 4  # the same question again is the same look
    assert len({subject for subject, _ in lines}) == 4
    assert lines[0][1]["asked"] == "+7 916 •••-••-67"
    assert "Петров" not in lines[2][1]["asked"]
    assert lines[3][1]["offset"] == 50


def test_an_export_that_cannot_be_noted_does_not_leave(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(audit, "note", full)
    out = house.folder / "secret.csv"
    assert app(["export", "calls", "--out", str(out)], standalone_mode=False) == 1
    assert not list(house.folder.glob("secret.csv*"))


def test_lists_hide_addresses_and_names_of_files(house: House) -> None:
    """Found when the lists went through one function: the page of customers showed whole e-mail addresses."""
    from recordings.contacts.call import Customer
    from recordings.customers.cards import save_customer

    with transaction(house.engine) as db:
        save_customer(db, Customer(id="8", name="", phone=None, email="anna.petrova@example.com", language="ru"))
    page = house.program.get("/customers", headers={"Accept": "text/html"}).text
    assert "anna.petrova@" not in page
    assert "a•••@example.com" in page


def test_a_persons_archive_holds_everything(house: House) -> None:
    target = house.folder / "whole.zip"
    house.otklik("privacy", "export", PHONE, "--out", target)
    assert "person.json" in zipfile.ZipFile(target).namelist()
    assert target.stat().st_mode & 0o077 == 0


def test_a_persons_archive_that_fails_leaves_nothing_behind(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stayed in the folder of temporary files, whole but for its end."""

    def full(*_arguments: object, **_named: object) -> None:
        raise OSError("no space left on device")

    left = house.folder / "temporary"
    left.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(left))
    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="no space"):
        house.program.post("/privacy/export", data={"phone": PHONE})
    assert not list(left.iterdir())
