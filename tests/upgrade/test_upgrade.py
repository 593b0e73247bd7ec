"""An installation of f92ac24 under today's Otklik: stored rows, files, waiting messages; on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import redis
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fastapi.testclient import TestClient
from pydantic import SecretStr, TypeAdapter
from sqlalchemy import Engine, MetaData, func, select, text
from typer.testing import CliRunner

from analytics.alerts import read_alerts
from analytics.alerts.settings import AlertSettings
from analytics.dictionary import load_rule_set
from analytics.dictionary.running_rules import rule_set, running
from analytics.learning import intents as learning_of_intents
from analytics.pipeline.dependencies import open_dependencies
from analytics.quality.scorecard_file import read_scorecard
from analytics.quality.scoring import card_of
from analytics.settings import AnalyticsSettings
from analytics.worker.jobs import run_job
from api.app import create_app
from api.chat.messages import Writer, take
from api.chat.runtime import ChatRuntime
from api.cli import app as otklik
from api.installation.drawn_secrets import draw_secrets
from api.kit import auth
from api.kit.deps import session_cookie
from api.kit.translations import say
from api.settings import WebSettings
from docker.asterisk.settings import ExchangeSettings
from ivr.call_log.spool import Spool
from ivr.dialog.state import State
from ivr.errors import ScenarioError
from ivr.faq.article import read_article
from ivr.scenario.registry import ScenarioRegistry
from ivr.scenario.scenario import check
from ivr.settings import PhoneSettings, RobotSettings
from ivr.understanding.training_samples import labelled_phrases
from recordings import jobs
from recordings.announce import QUEUES
from recordings.audio import intake
from recordings.audio_store import AudioStore
from recordings.calls import outbox
from recordings.calls.bulk_read import load_stored
from recordings.database import connect, migrate, reading, transaction
from recordings.errors import PolicyWrong, SoundErased, UnderHold
from recordings.exports.bi_views import VIEWS
from recordings.learning import samples
from recordings.privacy import audit, privacy
from recordings.privacy.receipts import find_erasures
from recordings.privacy.retention_policy import read_policy
from recordings.privacy.settings import PrivacySettings
from recordings.privacy.subject import subject_from
from recordings.quality import sampling
from recordings.rules.rule_sets import running_version
from recordings.settings import StoreSettings
from recordings.tables import (
    AnalysisRow,
    CallbackRow,
    CallRow,
    ChatRow,
    CustomerRow,
    JobRow,
    MessageRow,
    OutboxRow,
    RecordingRow,
    ScorecardRow,
    Table,
    TranscriptRow,
    TurnRow,
    UserRow,
)
from speech.intents import intents
from speech.sentiment import kept_models
from speech.sentiment.model import version_of
from speech.sentiment.samples import training
from speech.settings import Settings, SettingsError, SpeechSettings
from tests.services import CELERY, ROOT, RedisServer, process, wait_until
from tests.upgrade.old_installation import HERE, Old, content, in_order, put_up, stored_rows, write_tone

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]

on_sqlite = pytest.mark.parametrize("old_url", ["sqlite"], indirect=True)
"""Where the database makes no difference."""

BORIS = "+79990000102"
KEPT = {
    "order": ["где мой заказ", "когда привезут заказ", "что с заказом", "заказ не пришёл"],
    "hours": ["до скольки вы работаете", "когда вы закрываетесь", "вы открыты", "часы работы"],
}
"""What the maker's small model has learned."""


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'otklik.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def old(old_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Old:
    """The old installation as it stands before the upgrade, and this process as one of its programs."""
    there = put_up(tmp_path, old_url)
    for name in [name for name in os.environ if name.startswith("OTKLIK_")]:
        monkeypatch.delenv(name)
    for name, value in there.env.items():
        monkeypatch.setenv(name, value)
    return there


@pytest.fixture
def upgraded(old: Old) -> Iterator[Engine]:
    """Its database after the first start of today's Otklik."""
    migrate(old.url)
    engine = connect(old.url)
    yield engine
    engine.dispose()


# --- rows ---------------------------------------------------------------------------------------------------------


@on_sqlite
def test_no_table_of_the_dump_is_empty_and_the_readme_counts_them(old: Old) -> None:
    schema, engine = MetaData(), connect(old.url)
    schema.reflect(engine)
    engine.dispose()
    counts = {name: len(rows) for name, rows in stored_rows().items()}
    assert set(counts) == set(schema.tables) - {"alembic_version"}
    assert min(counts.values()) > 0
    told = re.findall(r"^\| (\w+) \| (\d+) \|$", (HERE / "README.md").read_text("utf-8"), re.MULTILINE)
    assert {name: int(count) for name, count in told} == counts


def test_every_row_outlives_the_upgrade(old: Old, upgraded: Engine) -> None:
    found = content(upgraded, old.rows)
    for chat in old.rows["chats"]:
        if not chat["consent"]:  # its words are forgotten, see test_forgotten
            chat |= {"state": {}, "facts": {}}
    for name, rows in old.rows.items():
        assert in_order(found[name]) == in_order(rows), name


def test_upgraded_schema_is_that_of_the_models_and_the_views_answer(old: Old, upgraded: Engine) -> None:
    with upgraded.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Table.metadata) == []
        for view in VIEWS:
            connection.execute(text(f"SELECT * FROM {view}")).all()  # noqa: S608  # names of our own
        ended = sum(row["ended_at"] is not None for row in old.rows["calls"])
        assert connection.scalar(text("SELECT count(*) FROM bi_calls")) == ended


# --- people -------------------------------------------------------------------------------------------------------


def test_people_come_in_with_their_old_password_session_and_token(old: Old, upgraded: Engine) -> None:
    with reading(upgraded) as db:
        logins = db.scalars(select(UserRow.login)).all()
        assert set(logins) == {"olga", "sergey", "kate", "paul", "ann", "ivan"}
        assert {user.login: user.role for user in auth.list_users(db)}["ivan"] == "agent"
        assert auth.sign_in(db, "ivan", old.known["password"]) is not None
    app = create_app(WebSettings())
    cookie = session_cookie(https=True)
    with TestClient(app, base_url="https://testserver", follow_redirects=False) as browser:
        assert browser.get("/calls").status_code in (303, 401)
        browser.cookies.set(cookie, old.known["session"])
        assert browser.get("/calls").status_code == 200
    with TestClient(app, base_url="https://testserver", follow_redirects=False) as browser:
        form = {"login": old.known["login"], "password": old.known["password"]}
        assert browser.post("/login", data=form).status_code == 303
        assert browser.get("/calls").status_code == 200
    with TestClient(app, base_url="https://testserver") as program:
        answer = program.get("/api/calls", headers={"Authorization": f"Bearer {old.known['token']}"})
        assert answer.status_code == 200


PAGES = (
    "/calls", "/calls/{call}", "/calls/{import}", "/customers", "/customers/{customer}", "/chats/{chat}", "/callbacks",
    "/figures", "/figures?days=90", "/quality", "/quality/evaluations", "/quality/mine", "/quality/draws",
    "/quality/draws/{draw}", "/quality/calibrations", "/quality/scorecards", "/quality/agents",
    "/quality/evaluations/{evaluation}", "/rules", "/rules/{running}", "/rules/{draft}", "/rules/{running}/review",
    "/topics", "/topics/{topic}", "/alerts", "/alerts/rules", "/work", "/privacy", "/privacy/holds",
    "/privacy/retention", "/privacy/audit", "/privacy/erasures", "/privacy/erasures/{erasure}", "/api/calls",
    "/api/calls/{call}", "/api/calls/{call}/transcript", "/api/calls/{call}/findings", "/api/figures",
    "/api/evaluations", "/api/customers", "/health",
)  # fmt: skip


def test_pages_answer_on_the_upgraded_database(old: Old, upgraded: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = old.rows
    names = {
        "call": next(row["call_id"] for row in rows["recordings"] if row["call_id"] and row["state"] == "analysed"),
        "import": old.known["recordings"]["registered-import"],
        "customer": rows["customers"][0]["id"],
        "chat": old.known["chats"]["digression"]["chat"],
        "draw": rows["draws"][0]["id"],
        "evaluation": next(row["id"] for row in rows["evaluations"] if row["state"] == "settled"),
        "topic": next(row["id"] for row in rows["topics"] if row["state"] == "accepted"),
        "erasure": rows["erasures"][0]["id"],
        "running": next(row["version"] for row in rows["rule_sets"] if row["state"] == "running"),
        "draft": old.known["draft"],
    }
    form = {"login": old.known["login"], "password": old.known["password"]}
    with TestClient(create_app(WebSettings()), base_url="https://testserver", follow_redirects=False) as browser:
        assert browser.post("/login", data=form).status_code == 303
        for page in [page for page in PAGES if page.startswith("/privacy")]:  # behind https they want a second factor
            answer = browser.get(page.format(**names), headers={"Accept": "text/html"})
            assert (answer.status_code, answer.headers.get("location")) == (303, "/account/factor"), page
        assert say("ru", "account.factor_wanted") in browser.get("/account/factor").text
    monkeypatch.setenv("OTKLIK_SECOND_FACTOR", "off")
    with TestClient(create_app(WebSettings()), base_url="https://testserver", follow_redirects=False) as browser:
        assert browser.post("/login", data=form).status_code == 303
        for page in PAGES:
            answer = browser.get(page.format(**names))
            assert answer.status_code == 200, (page, answer.text[:500])


# --- conversations ------------------------------------------------------------------------------------------------

GOES_ON = {
    "asked-number": ("4127", "Сейчас не могу посмотреть."),
    "digression": ("4127", "Сейчас не могу посмотреть."),
    "complaint-half": ("срочно", "На какой номер ответить?"),
    "two-wishes": ("4127", "Сейчас не могу посмотреть."),
    "offered": ("да", "На какой номер?"),
    "english": ("opening hours", "We are open from nine to nine."),
    "telegram": ("привезли не то", "С какого дня?"),
    "stored": ("нет", "До свидания!"),
}
"""Conversation → what its visitor writes next, and what the robot says to that."""


def test_conversations_go_on_where_they_stood(old: Old, upgraded: Engine) -> None:
    runtime = ChatRuntime(upgraded, RobotSettings())
    try:
        for name, (said, wanted) in GOES_ON.items():
            kept = old.known["chats"][name]
            who = Writer(
                channel=kept["channel"],
                address=kept["address"],
                language=kept["language"],
                source="web",
                phone=kept["phone"],
            )
            answer = take(runtime, who, said, f"{name}-next")
            assert answer.chat_id == kept["chat"], name
            assert wanted in answer.replies, (name, answer.replies)
        kept = old.known["chats"]["asked-number"]
        again = Writer(channel=kept["channel"], address=kept["address"], language="ru")
        assert "Назовите номер заказа." in take(runtime, again, "где мой заказ", "asked-number-0").replies
    finally:
        runtime.close()


def test_conversation_that_refused_recording_begins_anew_and_stays_refused(old: Old, upgraded: Engine) -> None:
    kept = old.known["chats"]["unrecorded"]
    who = Writer(channel=kept["channel"], address=kept["address"], language="ru", source="web")
    runtime = ChatRuntime(upgraded, RobotSettings())
    try:
        first = take(runtime, who, "где мой заказ", "anew-0")
        second = take(runtime, who, "4127", "anew-1")
    finally:
        runtime.close()
    assert first.chat_id == second.chat_id != kept["chat"]
    assert "Назовите номер заказа." in first.replies
    assert "Сейчас не могу посмотреть." in second.replies
    with reading(upgraded) as db:
        before, anew = db.get_one(ChatRow, kept["chat"]), db.get_one(ChatRow, first.chat_id)
        assert (before.outcome, before.ended_at is None) == ("abandoned", False)
        for chat in (before, anew):
            assert (chat.consent, chat.state, chat.facts, chat.summary) == (False, {}, {}, "")
            messages = db.scalars(select(MessageRow).where(MessageRow.chat_id == chat.id)).all()
            assert {(message.text, message.intent) for message in messages} == {("", "")}


@on_sqlite
def test_state_of_a_conversation_is_read_whole(old: Old) -> None:
    states = [row["state"] for row in old.rows["chats"] if row["state"]]
    assert len(states) >= len(GOES_ON)
    assert any(body["wishes"] for body in states)
    assert any(body["detours"] for body in states)
    for body in states:
        kept = _by_todays_names(TypeAdapter(State).dump_python(State.from_json(body), mode="json"))
        before = _by_todays_names(body)
        assert {name: kept[name] for name in before} == before  # a part that is new since then has its default


@on_sqlite
def test_scenarios_are_the_versions_their_conversations_began_with(old: Old) -> None:
    folder = old.home / "scenarios"
    assert [problem for file in sorted(folder.glob("*.yaml")) for problem in check(file)] == []
    loaded = ScenarioRegistry(RobotSettings().scenario_folders).all_loaded.values()
    begun = {row["scenario_version"] for row in old.rows["chats"]}
    assert begun <= {one.scenario.version for one in loaded}


def test_notes_the_database_had_not_taken_are_written(old: Old, upgraded: Engine) -> None:
    spool = old.home / "unwritten"
    assert len(list(spool.glob("*.jsonl"))) == 2
    Spool(spool).replay(upgraded)
    assert list(spool.iterdir()) == []
    with reading(upgraded) as db:
        call = db.get_one(CallRow, "romashka-1780000013.13")
        assert (call.outcome, call.summary, call.facts) == (
            "callback",
            "Просит перезвонить.",
            {"order.number": "4127"},
        )
        assert db.scalars(select(TurnRow.text).where(TurnRow.call_id == call.id)).all() == ["перезвоните мне"]
        assert db.scalars(select(CallbackRow.phone).where(CallbackRow.call_id == call.id)).all() == [BORIS]
        assert db.get_one(CustomerRow, call.customer_id).segment == "vip"
        refused = db.get_one(CallRow, "romashka-1780000014.14")
        assert not refused.consent
        assert db.scalars(select(TurnRow.text).where(TurnRow.call_id == refused.id)).all() == [""]


def test_wishes_of_callers_still_wait_to_be_sent(old: Old, upgraded: Engine) -> None:
    waiting = {row["key"] for row in old.rows["outbox"] if row["state"] == "waiting"}
    taken = outbox.take_due(upgraded, limit=10, lease=60, now=datetime.now(UTC))
    assert {wish.key for wish in taken} == waiting
    for wish in taken:
        outbox.done(upgraded, wish, outcome="created", facts={"ticket.number": "1"}, now=datetime.now(UTC))
    with reading(upgraded) as db:
        assert set(db.scalars(select(OutboxRow.state))) == {"sent"}


# --- files of the installation ------------------------------------------------------------------------------------

ALL_SETTINGS: tuple[type[Settings], ...] = (
    AnalyticsSettings,
    WebSettings,
    ExchangeSettings,
    PhoneSettings,
    SpeechSettings,
    RobotSettings,
    PrivacySettings,
    AlertSettings,
    StoreSettings,
)


SAID_OTHERWISE = {"OTKLIK_SMTP_TLS": "starttls"}
"""Settings whose values have other words since f92ac24; what was written then means the same."""


@on_sqlite
def test_settings_of_otklik_env_mean_what_they_meant(old: Old) -> None:
    found: dict[str, Any] = {}
    for kind in ALL_SETTINGS:
        body = kind()
        found |= {f"OTKLIK_{name.upper()}": _plain(getattr(body, name), old.home) for name in kind.model_fields}
    wanted = json.loads((HERE / "settings.json").read_text("utf-8")) | SAID_OTHERWISE
    assert {name: found.get(name) for name in wanted} == wanted


@on_sqlite
def test_secrets_of_otklik_env_are_kept(old: Old) -> None:
    file = old.home / "otklik.env"
    before = file.read_text("utf-8")
    draw_secrets()
    after = file.read_text("utf-8")
    assert after.startswith(before)
    added = {line.partition("=")[0] for line in after.removeprefix(before).splitlines()}
    assert added <= {"OTKLIK_LOGIN_SECRET", "OTKLIK_REDIS_PASSWORD", "OTKLIK_REDIS_URL"}


@on_sqlite
def test_dictionaries_scorecards_and_alerts_are_the_versions_in_force(old: Old, upgraded: Engine) -> None:
    in_force = next(row["version"] for row in old.rows["rule_sets"] if row["state"] == "running")
    assert load_rule_set(old.home / "dictionaries").version == in_force
    assert running(upgraded).version == in_force
    for row in old.rows["rule_sets"]:
        assert rule_set(upgraded, row["version"]) is not None
    card, problems = read_scorecard((old.home / "own" / "scorecard.yaml").read_text("utf-8"))
    assert card is not None
    assert problems == []
    with reading(upgraded) as db:
        assert db.get_one(ScorecardRow, card.version).state == "running"
        assert all(card_of(body) for body in db.scalars(select(ScorecardRow.text)))
        assert running_version(db) == in_force
    own = read_alerts((old.home / "own" / "alerts.yaml").read_text("utf-8"))
    assert own.version == next(row["version"] for row in old.rows["alert_rules"] if row["state"] == "running")
    assert [read_alerts(row["text"]).version for row in old.rows["alert_rules"]] == [
        row["version"] for row in old.rows["alert_rules"]
    ]


@on_sqlite
def test_retention_and_articles_are_read(old: Old) -> None:
    assert len(read_policy(PrivacySettings().retention_file).rules) == 7
    for file in sorted((old.home / "articles").rglob("*.md")):
        article, faults = read_article(file)
        assert article is not None
        assert faults == []


@on_sqlite
def test_files_today_does_not_take_are_refused_by_file_and_line(old: Old) -> None:
    scenario = old.home / "scenarios" / "orders.ru.yaml"
    lines = scenario.read_text("utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines, 1) if line.startswith("  sorry:"))
    scenario.write_text("".join([*lines[:at], "    formerly: known\n", *lines[at:]]), "utf-8")
    with pytest.raises(ScenarioError, match=rf"orders\.ru\.yaml:{at + 1}\b.*formerly"):
        ScenarioRegistry(RobotSettings().scenario_folders)
    policy = old.home / "retention.yaml"
    policy.write_text("rules:\n  - {keep: everything, days: 3}\n", "utf-8")
    with pytest.raises(PolicyWrong, match=r"retention\.yaml.*rules\.0\.keep"):
        read_policy(policy)
    told = CliRunner().invoke(
        otklik, ["alerts", "check", str(_written(old, "alerts:\n  - name: x\n    mail: [a@b]\n"))]
    )
    assert told.exit_code == 1
    assert re.search(r":\d+: .*mail", told.output)


@on_sqlite
def test_value_otklik_env_may_not_have_is_named(old: Old) -> None:
    with (old.home / "otklik.env").open("a") as file:
        file.write("OTKLIK_WEB_PORT=eighty\n")
    with pytest.raises(SettingsError, match=r"OTKLIK_WEB_PORT: .*integer"):
        WebSettings()


# --- what was learned ---------------------------------------------------------------------------------------------


@on_sqlite
def test_trained_models_are_called_and_kept_as_before(old: Old, tmp_path: Path) -> None:
    said = [intents.Sample(text=text, intent=intent) for intent, texts in KEPT.items() for text in texts]
    model = intents.train(said, outside=["какая погода", "как дела"])
    kept = old.known["kept"]
    intents.save(model, tmp_path / "kept.intents")
    assert _parts(tmp_path / "kept.intents") | {"version": model.version} == kept["intents"]
    versions = {language: version_of(training(language, ()), language) for language in ("ru", "en")}
    own = kept_models.learned("ru")
    kept_models.save(own, tmp_path / "kept.sentiment")
    assert _parts(tmp_path / "kept.sentiment") | {"versions": versions} == kept["sentiment"]


@on_sqlite
def test_what_people_taught_is_known_and_the_proposed_model_may_be_promoted(old: Old, upgraded: Engine) -> None:
    theirs = [
        row
        for row in old.rows["samples"]
        if row["state"] == "labelled" and row["in_use"] and row["reason"] != "scenario"
    ]
    assert len(theirs) > 10
    assert dict(labelled_phrases(upgraded, "ru")) == {row["text"]: row["intent"] for row in theirs}
    with reading(upgraded) as db:
        cards = {card.version: card for card in samples.models(db, "ru")}
    names = old.known["models"]
    assert cards[names["running"]].state == "running"
    comparison = learning_of_intents.comparison_of(cards[names["proposed"]])
    assert comparison.running == names["running"]
    assert learning_of_intents.promote(upgraded, cards[names["proposed"]], by="kate") == ""


def test_stored_analyses_meanings_and_measurements_are_read(old: Old, upgraded: Engine) -> None:
    with reading(upgraded) as db:
        stored = load_stored(db, [row["id"] for row in old.rows["recordings"]])
        draws = sampling.list_draws(db)
        redraws = [sampling.redraw(db, one) for one in draws if one.created_by == "kate"]
    assert len(stored) == len(old.rows["transcripts"])
    assert len(draws) == len(old.rows["draws"])
    assert [one.gone for one in redraws] == [0] * len(redraws)


# --- privacy ------------------------------------------------------------------------------------------------------


def test_audit_chain_and_receipts_hold(old: Old, upgraded: Engine) -> None:
    people, sounds = old.known["people"], AudioStore(StoreSettings().audio_url)
    with reading(upgraded) as db:
        assert audit.verify(db) is None
        receipts = find_erasures(db, subject_from(people["erased"]), PrivacySettings())
    assert [receipt.state for receipt in receipts] == ["done"]
    assert privacy.verify_erased(upgraded, sounds, people["erased"], PrivacySettings()) == ()
    assert privacy.verify_erased(upgraded, sounds, people["anna"], PrivacySettings()) != ()
    with pytest.raises(UnderHold, match="Спор о возврате"):
        privacy.erase_person(upgraded, sounds, people["held"], by="sergey", settings=PrivacySettings())
    begun = next(row["id"] for row in old.rows["erasures"] if row["state"] == "working")
    ended = privacy.erase_person(upgraded, sounds, BORIS, by="sergey", settings=PrivacySettings())
    assert (ended.id, ended.state) == (begun, "done")
    with reading(upgraded) as db:
        assert audit.verify(db) is None


@on_sqlite
def test_commands_of_privacy_say_that_all_is_well(old: Old, upgraded: Engine) -> None:
    people = old.known["people"]
    assert CliRunner().invoke(otklik, ["audit", "verify"]).exit_code == 0
    assert CliRunner().invoke(otklik, ["privacy", "verify", people["erased"]]).exit_code == 0
    assert CliRunner().invoke(otklik, ["privacy", "verify", people["anna"]]).exit_code == 1


@on_sqlite
def test_erased_sound_does_not_come_back(old: Old, upgraded: Engine, tmp_path: Path) -> None:
    erased, store = write_tone(tmp_path / "erased.wav", 200, 1.0), AudioStore(StoreSettings().audio_url)
    with pytest.raises(SoundErased):
        intake.register(upgraded, store, erased, filename="erased.wav", language="ru")


# --- work under way -----------------------------------------------------------------------------------------------


def test_job_a_person_stopped_goes_on_from_its_cursor(old: Old, upgraded: Engine) -> None:
    job_id = old.known["jobs"]["stopped"]
    before = next(row for row in old.rows["jobs"] if row["id"] == job_id)
    assert 0 < before["done"] < before["total"]
    with transaction(upgraded) as db:
        assert jobs.resume_job(db, job_id)
    steps: list[tuple[int, str]] = []
    here = open_dependencies()
    try:
        ended = run_job(here, job_id, told=lambda job: steps.append((job.done, job.cursor)))
    finally:
        here.engine.dispose()
    assert ended is not None
    assert (ended.state, ended.done, ended.failed) == ("done", before["total"], 0)
    assert steps[0] == (before["done"], before["cursor"])
    assert sorted(steps) == steps
    with reading(upgraded) as db:
        drafted = select(func.count()).select_from(AnalysisRow).where(AnalysisRow.rule_set == old.known["draft"])
        assert db.scalar(drafted) == before["total"]


TASKS = {
    "analytics.tasks.transcribe",
    "analytics.tasks.analyse",
    "analytics.tasks.work",
    "analytics.tasks.sweep",
    "analytics.tasks.propose_topics",
    "analytics.tasks.propose_models",
    "analytics.alert_tasks.watch_calls",
    "analytics.alert_tasks.send_alerts",
    "analytics.retain.retain_by_policy",
}
"""Names of f92ac24: they are public and stay."""


def test_messages_that_waited_in_redis_are_done_by_a_new_worker(
    old: Old, upgraded: Engine, redis_server: RedisServer, tmp_path: Path
) -> None:
    messages = [json.loads(line) for line in (HERE / "messages.jsonl").read_text("utf-8").splitlines()]
    assert {json.loads(row["body"])["headers"]["task"] for row in messages} == TASKS
    assert {row["queue"] for row in messages} == set(QUEUES)
    with redis.Redis(port=redis_server.port) as client:
        for row in messages:
            client.lpush(row["queue"], row["body"])
    env = os.environ | old.env | {"OTKLIK_REDIS_URL": redis_server.url, "PYTHONPATH": str(ROOT)}
    log = tmp_path / "worker.log"
    killed, made = old.known["jobs"]["killed"], old.known["recordings"]
    wanted = {name: "parked" if name == "parked" else "analysed" for name in made}
    with process(*CELERY, "worker", "--loglevel", "INFO", "--hostname", "new@test", env=env, log=log):
        wait_until(
            lambda: _knows_all_tasks(log) and redis_server.waiting() == 0,
            seconds=150,
            what=f"the queues to be empty, see {log}",
        )
        wait_until(lambda: _states(upgraded, made) == wanted, seconds=90, what=f"all recordings, see {log}")
        wait_until(lambda: _open_jobs(upgraded) == 0, seconds=90, what=f"all jobs, see {log}")
    said = log.read_text("utf-8")
    assert _knows_all_tasks(log)
    assert "Traceback" not in said
    for task in TASKS - {name for name in TASKS if "alert_tasks" in name}:  # those say nothing while all is well
        assert re.search(rf"Task {re.escape(task)}\[[^]]+\] succeeded", said), task
    with reading(upgraded) as db:
        job = db.get_one(JobRow, killed)
        before = next(row for row in old.rows["jobs"] if row["id"] == killed)
        assert (job.state, job.done, job.failed) == ("done", before["total"], 0)
        assert 0 < before["done"] < before["total"]
        for table in (CallRow, ChatRow, RecordingRow):  # the policy of the old file takes nothing
            kept = db.scalar(select(func.count()).select_from(table)) or 0
            assert kept == len(old.rows[table.__tablename__])
        new = select(func.count()).select_from(TranscriptRow)
        assert (db.scalar(new) or 0) > len(old.rows["transcripts"])


def _knows_all_tasks(log: Path) -> bool:
    odd = [line for line in log.read_text("utf-8").splitlines() if "unregistered" in line]
    assert odd == []
    return True


def _states(engine: Engine, made: dict[str, str]) -> dict[str, str]:
    with reading(engine) as db:
        return {name: db.get_one(RecordingRow, recording).state for name, recording in made.items()}


def _open_jobs(engine: Engine) -> int:
    with reading(engine) as db:
        return db.scalar(select(func.count()).where(JobRow.state.in_(jobs.GOING_ON))) or 0


def _plain(value: object, home: Path) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {key: _plain(one, home) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, home) for one in value]
    return value if isinstance(value, bool | int | float) else str(value).replace(str(home), "{home}")


def _parts(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as arrays:
        header = json.loads(arrays["header"].tobytes())
        kinds = {name: str(arrays[name].dtype) for name in sorted(arrays.files)}
    return {"kind": header["kind"], "format": header["format"], "header": sorted(header), "arrays": kinds}


RENAMED = {"wishes": "pending_intents", "wish": "intent", "detours": "digressions"}
"""Parts of a state since f92ac24."""


def _by_todays_names(body: Any) -> Any:
    """A state's parts by the names they have now; sets of names are written in any order."""
    if isinstance(body, dict):
        return {
            RENAMED.get(key, key): sorted(value) if key in ("filled", "recalled") else _by_todays_names(value)
            for key, value in body.items()
        }
    return [_by_todays_names(one) for one in body] if isinstance(body, list) else body


def _written(old: Old, body: str) -> Path:
    file = old.home / "odd.yaml"
    file.write_text(body, "utf-8")
    return file
