"""An installation of f92ac24 under today's Otklik: stored rows, files, waiting messages; on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fastapi.testclient import TestClient
from sqlalchemy import Engine, MetaData, select, text
from typer.testing import CliRunner

from analytics.learning import intents as learning_of_intents
from api.app import create_app
from api.cli import app as otklik
from api.kit import auth
from api.kit.deps import session_cookie
from api.kit.translations import say
from api.settings import WebSettings
from ivr.understanding.training_samples import labelled_phrases
from recordings.audio import intake
from recordings.audio_store import AudioStore
from recordings.calls.bulk_read import load_stored
from recordings.database import connect, reading
from recordings.errors import SoundErased, UnderHold
from recordings.exports.bi_views import VIEWS
from recordings.learning import samples
from recordings.privacy import audit, privacy
from recordings.privacy.receipts import find_erasures
from recordings.privacy.settings import PrivacySettings
from recordings.privacy.subject import subject_from
from recordings.quality import sampling
from recordings.settings import StoreSettings
from recordings.tables import (
    Table,
    UserRow,
)
from speech.intents import intents
from speech.sentiment import kept_models
from speech.sentiment.model import version_of
from speech.sentiment.samples import training
from tests.upgrade.databases import BORIS, on_sqlite
from tests.upgrade.old_installation import HERE, Old, content, in_order, stored_rows, write_tone

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]
KEPT = {
    "order": ["где мой заказ", "когда привезут заказ", "что с заказом", "заказ не пришёл"],
    "hours": ["до скольки вы работаете", "когда вы закрываетесь", "вы открыты", "часы работы"],
}
"""What the maker's small model has learned."""


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


def _parts(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as arrays:
        header = json.loads(arrays["header"].tobytes())
        kinds = {name: str(arrays[name].dtype) for name in sorted(arrays.files)}
    return {"kind": header["kind"], "format": header["format"], "header": sorted(header), "arrays": kinds}
