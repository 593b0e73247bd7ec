"""A scenario in the terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.settings import RobotSettings
from ivr.simulation.console import talk

pytestmark = pytest.mark.unit

RUSSIAN = Path(__file__).parents[3] / "ivr" / "scenarios" / "support.ru.yaml"


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One for all conversations: the intents are learned once."""
    home = tmp_path_factory.getbasetemp() / "console"
    monkeypatch.setenv("OTKLIK_HOME", str(home))
    return home


@pytest.fixture
def told() -> list[str]:
    return []


def typing(*lines: str) -> Callable[[str], str]:
    """A caller who types these lines and then hangs up."""
    left = iter(lines)

    def ask(_: str) -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return ask


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (("заказ [4127]", "спасибо нет"), "settled"),
        (("где мой заказ", "про пионы", "нет, спасибо"), "settled"),
        (("четыре один два семь", "спасибо, нет"), "settled"),
        (("соедините с оператором", "n", "да"), "callback"),
        (("соедините с оператором", "y"), "handed_over"),
        (("", "", "y"), "handed_over"),
        ((), "abandoned"),
    ],
)
def test_conversations(told: list[str], lines: tuple[str, ...], outcome: str) -> None:
    assert talk(RUSSIAN, ask=typing(*lines), tell=told.append) == 0
    assert told[-1] == f"  (over: {outcome})"


def test_what_was_understood_is_shown(told: list[str]) -> None:
    talk(RUSSIAN, ask=typing("заказ четыре один два семь"), tell=told.append)
    assert any("order.number = 4127" in line for line in told)
    assert "  (orders.status: found)" in told


def test_a_scenario_with_faults_is_not_begun(told: list[str], tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("name: bad\n")
    assert talk(path, tell=told.append) == 1
    assert "bad.yaml:1:" in told[0]


def test_the_shop_settings_follow_the_home(own_home: Path) -> None:
    assert RobotSettings().shop_url == f"sqlite:///{own_home / 'demo_shop.db'}"
