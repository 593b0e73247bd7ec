"""Settings, rules and other files of an installation of f92ac24, read by today's Otklik."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from analytics.alerts import read_alerts
from analytics.alerts.settings import AlertSettings
from analytics.dictionary import load_rule_set
from analytics.dictionary.running_rules import rule_set, running
from analytics.quality.scorecard_file import read_scorecard
from analytics.quality.scoring import card_of
from analytics.settings import AnalyticsSettings
from api.cli import app as otklik
from api.installation.drawn_secrets import draw_secrets
from api.settings import WebSettings
from docker.asterisk.settings import ExchangeSettings
from ivr.errors import ScenarioError
from ivr.faq.article import read_article
from ivr.scenario.registry import ScenarioRegistry
from ivr.settings import PhoneSettings, RobotSettings
from recordings.database import reading
from recordings.errors import PolicyWrong
from recordings.privacy.retention_policy import read_policy
from recordings.privacy.settings import PrivacySettings
from recordings.rules.rule_sets import running_version
from recordings.settings import StoreSettings
from recordings.tables import (
    ScorecardRow,
)
from speech.settings import Settings, SettingsError, SpeechSettings
from tests.upgrade.databases import on_sqlite
from tests.upgrade.old_installation import HERE, Old

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]


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


def _plain(value: object, home: Path) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {key: _plain(one, home) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, home) for one in value]
    return value if isinstance(value, bool | int | float) else str(value).replace(str(home), "{home}")


def _written(old: Old, body: str) -> Path:
    file = old.home / "odd.yaml"
    file.write_text(body, "utf-8")
    return file
