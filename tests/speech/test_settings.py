"""Where the company works, and what becomes of a value that cannot be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr, field_validator

from speech.settings import PROJECT, Settings, SettingsError, home, local_now, local_zone
from speech.slots.slots import find_slot

pytestmark = pytest.mark.unit

FOLDERS = ("speech", "recordings", "ivr", "analytics", "api", "docker")


@pytest.fixture
def vladivostok(monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    monkeypatch.setenv("OTKLIK_TIME_ZONE", "Asia/Vladivostok")
    local_zone.cache_clear()
    yield local_zone()
    local_zone.cache_clear()


def test_clock_is_that_of_the_company_not_of_the_machine(vladivostok: ZoneInfo) -> None:
    assert local_now().utcoffset() == timedelta(hours=10)
    assert vladivostok == ZoneInfo("Asia/Vladivostok")


def test_tomorrow_is_the_company_s_after_midnight_there(vladivostok: ZoneInfo) -> None:
    evening = datetime(2026, 11, 30, 21, 30, tzinfo=UTC)  # 07:30 of December 1st in Vladivostok
    slot = find_slot("на завтра", "date", "ru", now=evening.astimezone(vladivostok), region="")
    assert date.fromisoformat(str(slot.value)) == date(2026, 12, 2)


def test_zone_nobody_knows_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_TIME_ZONE", "Moscow")
    local_zone.cache_clear()
    with pytest.raises(SettingsError, match=r"OTKLIK_TIME_ZONE: .*Europe/Moscow, got 'Moscow'") as refused:
        local_zone()
    assert str(home() / "otklik.env") in str(refused.value)


def test_wrong_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    class Locked(Settings):
        door_key: SecretStr = SecretStr("")

        @field_validator("door_key")
        @classmethod
        def _long(cls, key: SecretStr) -> SecretStr:
            if len(key) < 12:
                raise ValueError("too short")
            return key

    monkeypatch.setenv("OTKLIK_DOOR_KEY", "hunter2")
    with pytest.raises(SettingsError) as refused:
        Locked()
    assert "OTKLIK_DOOR_KEY: Value error, too short" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def machine_clocks(path: Path) -> Iterator[str]:
    """Places that ask the machine which zone it is in."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr="astimezone" | "localtime"), args=[], keywords=[]):
                yield f"{path.relative_to(PROJECT)}:{node.lineno}: {ast.unparse(node)}"
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="datetime" | "date"), attr="now" | "today"), args=[], keywords=[]
            ):
                yield f"{path.relative_to(PROJECT)}:{node.lineno}: {ast.unparse(node)}"
            case ast.Call(func=ast.Attribute(attr="fromtimestamp"), args=[_], keywords=[]):
                yield f"{path.relative_to(PROJECT)}:{node.lineno}: {ast.unparse(node)}"
            case ast.keyword(value=ast.Attribute(value=ast.Name(id="datetime"), attr="now")):
                yield f"{path.relative_to(PROJECT)}:{node.value.lineno}: {ast.unparse(node)}"


def test_nothing_asks_the_machine_for_the_hour() -> None:
    paths = [path for folder in FOLDERS for path in (PROJECT / folder).rglob("*.py")]
    assert [place for path in paths for place in machine_clocks(path)] == []
