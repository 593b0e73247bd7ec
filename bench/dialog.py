"""What the robot thinks about an answer: understanding and the dialogue's step, over the conversations of the tests.

The business system's time is taken out; embedding, rules, slots and the step itself are in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import yaml

from bench.report import spread, write
from ivr.business.proof import Caller, Guard, open_access
from ivr.business.protocol import Reply
from ivr.business.requests import Requests, open_business
from ivr.business.settings import BusinessSettings
from ivr.call.text_session import TextSession
from ivr.dialog.actions import Transfer
from ivr.errors import BusinessError
from ivr.faq.search import Knowledge
from ivr.scenario.scenario import load
from ivr.settings import RobotSettings
from ivr.understanding.intent_model import understanding

PROJECT = Path(__file__).parents[1]
ALLOWED_MS = 30.0
"""p95 that callers may wait for a thought."""


@dataclass(slots=True)
class Shop:
    """The demonstration shop, and the seconds spent in it."""

    guard: Guard
    seconds: float = 0.0

    def ask(self, request: str, facts: Any, language: str) -> Reply:
        started = perf_counter()
        try:
            return self.guard.ask(request, facts, language)
        except BusinessError:
            return Reply(outcome="failed")
        finally:
            self.seconds += perf_counter() - started


def run() -> None:
    settings = RobotSettings(shop_url="sqlite://")
    requests = Requests(business=open_business(settings), knowledge=Knowledge.load(Path(settings.knowledge)))
    figures: dict[str, Any] = {}
    for language in ("ru", "en"):
        turns = list(_turns(language, requests))
        slowest = max(turns)
        figures[language] = {
            "understanding_and_step_ms": spread([1000 * seconds for seconds, _ in turns]),
            "slowest_ms": round(1000 * slowest[0], 1),
            "slowest": slowest[1][:80],
            "allowed_p95_ms": ALLOWED_MS,
        }
    requests.close()
    write("dialog", figures)


def _turns(language: str, requests: Requests) -> Iterator[tuple[float, str]]:
    """Seconds of thought and the words thought about, answer by answer."""
    scenario = load(PROJECT / "ivr" / "scenarios" / f"support.{language}.yaml")
    mind = understanding(scenario)
    access = open_access(requests, BusinessSettings(), None)
    for at, (number, words) in enumerate(_conversations(language)):
        shop = Shop(access.guard(Caller(contact=str(at), number=number), language))
        talk = TextSession(scenario, mind, shop.ask)
        talk.open({"caller.number": number})
        for text in words:
            if talk.state.finished:
                break
            started, shopped = perf_counter(), shop.seconds
            said = talk.caller_says(text)
            yield perf_counter() - started - (shop.seconds - shopped), text
            while any(isinstance(action, Transfer) for action in said.actions):
                said = talk.person(taken=False)


def _conversations(language: str) -> Iterator[tuple[str, list[str]]]:
    """Number and words of each caller of the tests."""
    for path in sorted((PROJECT / "tests" / "conversations" / language).glob("*.yaml")):
        for conversation in yaml.safe_load(path.read_text("utf-8"))["conversations"]:
            yield conversation.get("number", ""), [turn["hear"] for turn in conversation["turns"] if turn.get("hear")]
