"""A scenario held in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.console import talk
from ivr.settings import RobotSettings

pytestmark = pytest.mark.unit

RUSSIAN = Path(__file__).parents[2] / "ivr" / "scenarios" / "order_status.ru.yaml"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    return []


def typing(*lines: str) -> Iterator[str]:
    yield from lines


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (("где мой заказ", "[4127#]", "нет"), "settled"),
        (("четыре один два семь", "спасибо нет"), "settled"),
        (("где мой заказ", "", "", ""), "abandoned"),
        (("соедините с оператором", "n", "да"), "callback"),
        (("соедините с оператором", "y"), "handed_over"),
        ((), "abandoned"),
    ],
)
def test_conversations(told: list[str], lines: tuple[str, ...], outcome: str) -> None:
    typed = typing(*lines)

    def ask(_: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    assert talk(RUSSIAN, ask=ask, tell=told.append) == 0
    assert told[-1] == f"  (over: {outcome})"


def test_a_scenario_with_faults_is_not_begun(told: list[str], tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("name: bad\n")
    assert talk(path, tell=told.append) == 1
    assert "bad.yaml:1:" in told[0]


def test_the_shop_settings_follow_the_home(told: list[str], tmp_path: Path) -> None:
    assert RobotSettings().shop_url == f"sqlite:///{tmp_path / 'demo_shop.db'}"
