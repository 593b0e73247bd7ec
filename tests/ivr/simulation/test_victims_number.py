"""Somebody whose number is withheld rings, says whose booking it is, by voice and by keys, and wants it cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from ivr.business.demo_shop import DemoShop
from ivr.business.proof import Access, Caller, Rules
from ivr.business.requests import Requests
from ivr.call.text_session import Response, TextSession
from ivr.dialog.actions import Transfer
from ivr.dialog.nodes import Scenario
from ivr.dialog.state import Stage
from ivr.scenario.scenario import load
from ivr.simulation.rehearsal import open_caller_voice
from ivr.simulation.voice import SpokenHearing
from ivr.understanding.intent_model import understanding
from ivr.understanding.understanding import Understanding
from recordings.calls.settings import CallbackSettings
from recordings.customers.tries import Tries
from speech.recognition.engines import open_recognizer
from speech.settings import SpeechSettings

pytestmark = pytest.mark.models

SCENARIOS = Path(__file__).parents[3] / "ivr" / "scenarios"
MOST_TURNS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What callers of a language say; digits are said one by one."""

    wish: str
    phone: str
    keyed_phone: str
    owner: str
    """The same number in E.164."""
    number: str
    """The booking's own."""
    said_number: str
    guesses: tuple[str, ...]
    """Said, or pressed where they are digits."""
    yes: str
    told: tuple[str, ...]
    """Of the booking, in any of the robot's words."""


WORDS = {
    "ru": Words(
        wish="отмените мою запись",
        phone="восемь, девять один шесть, один два три, четыре пять, шесть семь",
        keyed_phone="89161234567#",
        owner="+79161234567",
        number="2001",
        said_number="два, ноль, ноль, один",
        guesses=("два, ноль, ноль, два", "2003#", "пять, пять, пять, один", "2002#"),
        yes="да, верно",
        told=("консультаци", "мастер-класс", "оформлени", "ноября", "декабря"),
    ),
    "en": Words(
        wish="please cancel my booking",
        phone="two zero two, five five five, zero one four three",
        keyed_phone="2025550143#",
        owner="+12025550143",
        number="2004",
        said_number="two, zero, zero, four",
        guesses=("two, zero, zero, two", "2003#", "five, five, five, one", "2002#"),
        yes="yes, that is right",
        told=("consultation", "workshop", "design", "november", "december"),
    ),
}


@dataclass(slots=True, kw_only=True)
class Rung:
    """What a call came to."""

    nodes: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    replies: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A language with its scenario, its robot's mind and a telephone line to it."""

    words: Words
    scenario: Scenario
    mind: Understanding
    hearing: SpokenHearing


@pytest.fixture(scope="module", params=["ru", "en"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    language = request.param
    scenario = load(SCENARIOS / f"support.{language}.yaml")
    mind = replace(understanding(scenario), now=lambda: datetime(2026, 11, 24, 10))  # noqa: DTZ001  # their clock
    with closing(open_caller_voice(language)) as voice:
        hearing = SpokenHearing(voice, open_recognizer(language, SpeechSettings()))
        yield Line(words=WORDS[language], scenario=scenario, mind=mind, hearing=hearing)


@pytest.fixture
def shop() -> Iterator[DemoShop]:
    with closing(DemoShop("sqlite://", now=lambda: datetime(2026, 11, 24, 10))) as shop:  # noqa: DTZ001
        yield shop


def ring(line: Line, shop: DemoShop, *, phone: str, numbers: tuple[str, ...]) -> Rung:
    """Ask for it and go along with whatever the robot asks, until it gives up or has done it."""
    access = Access(requests=Requests(business=shop), rules=Rules(callbacks=CallbackSettings()), tries=Tries())
    guard = access.guard(Caller(contact="call", number=""), line.scenario.language)
    talk, rung, named = TextSession(line.scenario, line.mind, guard.ask), Rung(), list(numbers)

    def take(response: Response) -> Response:
        rung.nodes += [node for node, _ in response.texts]
        rung.texts += [text for _, text in response.texts]
        rung.replies += response.replies
        return response

    response = take(talk.open({"caller.number": ""}))
    answer = line.words.wish
    for _ in range(MOST_TURNS):
        keys = answer if answer[0].isdigit() else ""
        response = take(talk.press(keys) if keys else talk.caller_says(*line.hearing(answer)))
        if talk.state.finished or any(isinstance(action, Transfer) for action in response.actions):
            break
        node = talk.state.node
        if talk.state.at.stage is Stage.CONFIRM or node == "ask_cancel":
            answer = line.words.yes
        elif node == "booking_to_cancel":
            answer = phone
        elif node == "number_to_cancel" and named:
            answer = named.pop(0)
        elif node in ("number_to_cancel", "offer_person", "anything_else"):
            break
        else:
            answer = line.words.wish
    return rung


def has_booking(line: Line, shop: DemoShop) -> bool:
    asked = {"contact.phone": line.words.owner, "booking.number": line.words.number}
    return shop.ask("bookings.find", asked, line.scenario.language).outcome == "one"


@pytest.mark.parametrize("way", ["spoken", "keys"])
def test_a_victims_number_cancels_nothing_and_tells_nothing(line: Line, shop: DemoShop, way: str) -> None:
    phone = line.words.phone if way == "spoken" else line.words.keyed_phone
    rung = ring(line, shop, phone=phone, numbers=line.words.guesses)
    assert "number_to_cancel" in rung.nodes, rung.texts
    assert not {"ask_cancel", "pick_to_cancel", "cancelled"} & {*rung.nodes}, rung.texts
    assert "bookings.cancel" not in dict(rung.replies)
    assert {outcome for asked, outcome in rung.replies if asked == "bookings.find"} >= {"unproven", "missing"}
    told = " ".join(text for node, text in zip(rung.nodes, rung.texts, strict=True) if node != "hello").lower()
    assert not [word for word in line.words.told if word in told], told
    assert has_booking(line, shop)


def test_its_owner_cancels_it_by_the_same_words_and_its_number(line: Line, shop: DemoShop) -> None:
    """What keeps the stranger out is the number alone, not that nobody is understood."""
    assert has_booking(line, shop)
    rung = ring(line, shop, phone=line.words.phone, numbers=(line.words.said_number, f"{line.words.number}#"))
    assert ("bookings.cancel", "cancelled") in rung.replies, rung.texts
    assert not has_booking(line, shop)
