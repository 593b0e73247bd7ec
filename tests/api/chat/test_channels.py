"""Parts of the channels: paces, doors, own words of a mail, quick answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.chat.messages import too_long
from api.chat.suggestions import suggestions
from api.chat.webhook import own_words
from api.kit.rate_limit import ConcurrencyLimit, RateLimit
from api.kit.security_headers import content_policy
from ivr.business.protocol import Option
from ivr.dialog.state import Frame, Stage, State
from ivr.scenario.scenario import load

pytestmark = pytest.mark.unit


def test_a_pace_lets_a_burst_through_and_then_so_many_a_second() -> None:
    now = 0.0
    pace = RateLimit(2, 0.5, clock=lambda: now)
    assert [pace.allows("a") for _ in range(3)] == [True, True, False]
    assert pace.allows("b")
    now = 2.0
    assert [pace.allows("a") for _ in range(2)] == [True, False]
    now = 1000.0
    assert [pace.allows("a") for _ in range(3)] == [True, True, False]


def test_doors_count_who_is_inside() -> None:
    doors = ConcurrencyLimit(3, 2)
    with doors.pass_through("a") as first, doors.pass_through("a") as second:
        assert first
        assert second
        with doors.pass_through("a") as third, doors.pass_through("b") as other, doors.pass_through("c") as full:
            assert (third, other, full) == (False, True, False)
    with doors.pass_through("a") as again:
        assert again


@pytest.mark.parametrize(
    ("mail", "words"),
    [
        ("Где заказ?\n> Здравствуйте\n> Анна", "Где заказ?"),
        ("Где заказ?\r\n\r\nOn Mon, 23 Nov 2026 at 10:00, Shop wrote:\r\n> Hello", "Где заказ?"),
        ("Да.\n\n23.11.2026, 10:00, Магазин <shop@example.org> пишет:\n> Верно?", "Да."),
        ("Yes\n-- \nAnna Smith\n+1 202 555 0143", "Yes"),
        ("Нет\n----- Original Message -----\nFrom: shop", "Нет"),
        ("> всё это", "> всё это"),
        ("цена > 100 рублей\nа дальше?", "цена > 100 рублей\nа дальше?"),
        ("", ""),
    ],
)
def test_quotes_and_signatures_are_no_words_of_ones_own(mail: str, words: str) -> None:
    assert own_words(mail) == words


def test_what_is_too_long() -> None:
    assert not too_long("слово " * 2000)
    assert too_long("слово " * 2001)
    assert too_long("я" * 20_001)


def test_sites_that_may_frame_the_chat_are_named() -> None:
    assert "frame-ancestors 'self' https://shop.example" in content_policy("n", ("'self'", "https://shop.example"))
    assert content_policy("n").endswith("frame-ancestors 'none'")


def test_quick_answers_are_those_the_question_waits_for() -> None:
    scenario = load(Path(__file__).parents[1] / "scenarios" / "chat.ru.yaml")

    def offered(**place: object) -> tuple[str, ...]:
        return suggestions(scenario, State(at=Frame(**place)))  # type: ignore[arg-type]

    assert offered(node="ask_topic") == ("Запись", "Время")
    assert offered(node="ask_time") == ("Утром", "Вечером")
    assert offered(node="more") == ("Да", "Нет")
    assert offered(node="goodbye") == ()
    assert offered(node="ask_phone", slot="contact.phone") == ()
    assert suggestions(scenario, State(at=Frame(node="more"), finished=True)) == ()


def test_options_are_chosen_by_their_place() -> None:
    scenario = load(Path("ivr/scenarios/support.ru.yaml"))
    node = next(node for node in scenario.nodes.values() if node.choose)
    options = tuple(Option(facts={"product.id": f"{n}"}) for n in range(2))
    state = State(at=Frame(node=node.name, options=options, stage=Stage.ASK))
    assert suggestions(scenario, state) == ("Первый", "Второй")
