"""Strangers walk at random through every shipped scenario, before a company that answers everything it is asked.

Whatever they say, in whatever order: nothing that takes proof may reach the dialogue, so that no text, option,
suggestion, kept state or call log could tell it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from api.chat.suggestions import suggestions
from ivr.business.proof import Access, Caller, Rules
from ivr.business.protocol import REQUESTS, Option, Reply
from ivr.business.requests import Requests
from ivr.call.text_session import Response, TextSession
from ivr.dialog.actions import Transfer
from ivr.dialog.events import heard
from ivr.dialog.expectation import CHOSEN, FILLED, UNCLEAR, Expectation, Meaning, SlotRule
from ivr.dialog.nodes import Scenario
from ivr.scenario.scenario import load
from ivr.understanding.understanding import Understanding
from recordings.calls.settings import CallbackSettings
from recordings.customers.tries import Tries

pytestmark = pytest.mark.unit

SHIPPED = sorted((Path(__file__).parents[3] / "ivr" / "scenarios").glob("support.*.yaml"))
NETWORK = "+79161234567"
OWNER = "+79990000000"
"""Whose everything is; the walkers never name this number."""
TURNS, WALKS = 40, 200
SECRETS: Mapping[str, str] = {
    "customer.phone": OWNER,
    "order.number": "919191",
    "order.items": "SECRETITEMS",
    "order.sum": "919293.00 RUB",
    "order.phone": OWNER,
    "booking.number": "818181",
    "booking.service": "SECRETSERVICE",
    "booking.day": "2031-03-13",
    "booking.time": "19:47",
    "history.channel": "SECRETCHANNEL",
}
TRACES = ("919191", "SECRET", "919293", "919 293", "818181", "2031", "19:47", OWNER[1:])
OPEN_NOW: Mapping[str, Mapping[str, str]] = {
    "bookings.free": {"booking.service": "florist", "booking.day": "2026-12-01", "booking.time": "10:00"},
    "bookings.create": {
        "booking.number": "5551",
        "booking.service": "florist",
        "booking.day": "2026-12-01",
        "booking.time": "10:00",
    },
}
"""What is told to who asks for something new: nothing of anybody."""
FREE: Mapping[str, str] = {
    "customer.name": "GREETED",
    "customer.segment": "vip",
    "customer.language": "ru",
    "order.state": "STATETOLD",
    "product.price": "10.00 RUB",
    "reservation.until": "2026-12-01",
}


class Talkative:
    """A company's system that finds whatever is asked for, by any outcome there is."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def ask(self, request: str, facts: Mapping[str, str], *_: object, **__: object) -> Reply:
        known = REQUESTS[request]
        outcome = "wrong" if request == "codes.check" else self._chance.choice([*known.outcomes])
        named = {"order.number": facts["order.number"]} if request == "orders.status" else {}
        values = {**FREE, **SECRETS, **OPEN_NOW.get(request, {}), **named}

        def tell(names: tuple[str, ...]) -> dict[str, str]:
            return {name: values.get(name, "anything") for name in names}

        options: tuple[Option, ...] = ()
        if known.options and not known.outcomes[outcome] and outcome != "missing":
            options = tuple(
                Option(facts=tell(known.options), ways=("SECRETWAY",) if known.level else ()) for _ in range(3)
            )
        return Reply(outcome=outcome, facts=tell(known.outcomes[outcome]), options=options)

    def close(self) -> None: ...


def value(rule: SlotRule, chance: random.Random) -> str:
    match rule.kind:
        case "choice":
            return chance.choice([*rule.choices])
        case "digits":
            return str(chance.randrange(10 ** (rule.longest - 1), 10**rule.longest))[: chance.randint(rule.shortest, 8)]
        case "phone":
            return chance.choice([NETWORK, "+79031112233", "+12025550143"])
        case "date":
            return "2026-12-02"
        case "time":
            return "11:30"
        case "money":
            return "50.00 RUB"
        case _:
            return "words"


def meaning(expectation: Expectation, chance: random.Random) -> Meaning:
    """Anything that may be understood here."""
    labels = sorted(expectation.labels | expectation.intents | expectation.anywhere | {UNCLEAR, "repeat", "cancelled"})
    onwards = sorted({FILLED, CHOSEN, "yes", "send", "unknown"} & {*labels}) or sorted(expectation.intents)
    label = chance.choice(onwards if onwards and chance.random() < 0.75 else labels)
    if label == CHOSEN and expectation.options:
        return Meaning(label=label, facts=chance.choice(expectation.options).facts)
    if label == FILLED and expectation.slots:
        asked = [rule for rule in expectation.slots if rule.fill == expectation.asked] or [*expectation.slots]
        facts = {rule.fill: value(rule, chance) for rule in asked}
        return Meaning(label=label, facts=facts, confidence=1.0)
    return Meaning(label=label, intent=label if label in expectation.intents else "")


@dataclass(slots=True, kw_only=True)
class Walked:
    """What the walks through one scenario came to."""

    visited: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    leaks: list[str] = field(default_factory=list)


def walk(path: Path, who: str, *, guarded: bool = True, walks: int = WALKS) -> Walked:
    scenario, walked = load(path), Walked()
    number = "" if who == "withheld" else NETWORK
    mind = Understanding(language=scenario.language, intents=None, now=lambda: datetime(2026, 11, 24, 12))  # noqa: DTZ001  # their clock
    for seed in range(walks):
        chance = random.Random(f"{path.stem} {who} {seed}")
        access = _access(chance)
        caller = Caller(contact=str(seed), number=number if who == "network" else "")
        ask = access.guard(caller, scenario.language).ask if guarded else access.requests.ask
        talk = TextSession(scenario, mind, ask)
        channel = {"contact.channel": "chat"} if chance.random() < 0.3 else {}
        response = talk.open({"caller.number": number} | channel)
        for _ in range(TURNS):
            seen = _seen(scenario, talk, response)
            walked.leaks += [f"seed {seed}, at {talk.state.node}: {seen}" for trace in TRACES if trace in seen]
            walked.visited |= {talk.state.node} | {node for node, _ in response.texts}
            walked.told |= {word for word in ("GREETED", "STATETOLD") if word in seen}
            if any(isinstance(action, Transfer) for action in response.actions):
                response = talk.person(taken=False)
            elif talk.state.finished or (expectation := talk.waits_for) is None:
                break
            elif chance.random() < 0.05:
                response = talk.silence()
            else:
                response = talk._take(heard(talk.state.node, "слова", meaning(expectation, chance)))
    return walked


@pytest.mark.parametrize("who", ["withheld", "claimed", "network"])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_nothing_that_takes_proof_reaches_a_stranger(path: Path, who: str) -> None:
    walked = walk(path, who)
    assert walked.leaks == []
    assert walked.visited >= {
        "number_to_cancel",
        "number_to_move",
        "ask_code",
        "wrong_code",
        "too_many_tries",
        "tell",
        "booked",
    }
    assert ("tell_states" in walked.visited) is (who == "network")  # the walks do meet what may be told
    assert walked.told == ({"GREETED", "STATETOLD"} if who == "network" else {"STATETOLD"})
    assert not walked.visited & {"ask_same", "ask_same_called", "pick_to_move", "pick_to_cancel", "pick_order"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_without_the_rule_the_same_walks_would_tell_everything(path: Path) -> None:
    """The walks find leaks where there are some."""
    assert walk(path, "withheld", guarded=False, walks=60).leaks


def _access(chance: random.Random) -> Access:
    history = Reply(outcome="order", facts={name: SECRETS[name] for name in ("order.number", "history.channel")})
    requests = Requests(business=Talkative(chance), history=lambda _: history)
    return Access(requests=requests, rules=Rules(callbacks=CallbackSettings()), tries=Tries())


def _seen(scenario: Scenario, talk: TextSession, response: Response) -> str:
    """All that is said, shown, kept, or told to a later contact; what a person is briefed with is theirs."""
    said = " ".join(text for _, text in response.texts)
    offered = " ".join(suggestions(scenario, talk.state)) if talk.waits_for else ""
    return f"{said} {offered} {json.dumps(talk.state.to_json(), ensure_ascii=False)}"
