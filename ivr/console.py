"""A scenario in the terminal: what a caller would hear, answered by typing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

from ivr.actions import Action, HangUp, Listen, LookUp, PromiseCallback, Say, StopRecording, Transfer
from ivr.business import Business
from ivr.demo_shop import DemoShop
from ivr.dialog import State, step
from ivr.errors import BusinessError, ScenarioError
from ivr.events import (
    AgentLeft,
    Answered,
    CallEvent,
    Heard,
    HungUp,
    Joined,
    Pressed,
    Refusal,
    Replied,
    Silent,
    Unanswered,
)
from ivr.expectation import Expectation, interpret
from ivr.nodes import FAILED
from ivr.scenario import load
from ivr.settings import RobotSettings

HELP = "type what the caller says; an empty line is silence, [4127#] are keys; Ctrl-D hangs up"

Ask = Callable[[str], str]
"""Shows a prompt, returns a line; EOFError ends the call."""
Tell = Callable[[str], None]


def talk(path: Path, *, number: str = "+79161234567", ask: Ask = input, tell: Tell = print) -> int:
    """Hold one conversation by text, with the demonstration shop behind it; exit status 1 for a faulty file."""
    try:
        scenario = load(path)
    except ScenarioError as error:
        tell(str(error))
        return 1
    shop = DemoShop(RobotSettings().shop_url)
    tell(f"{scenario.name} ({scenario.language}); {HELP}")
    try:
        events: deque[CallEvent] = deque([Answered(facts={"caller.number": number})])
        state = State(node=scenario.start)
        while not state.finished:
            state, actions = step(scenario, state, events.popleft())
            for action in actions:
                if not (isinstance(action, Listen) and events):  # the rest of a row of keys is there already
                    events.extend(_perform(action, scenario.language, shop, ask, tell))
    finally:
        shop.close()
    tell(f"  (over: {state.outcome})")
    return 0


def _perform(action: Action, language: str, business: Business, ask: Ask, tell: Tell) -> list[CallEvent]:
    match action:
        case Say(text=text):
            tell(f"robot:  {text}")
        case Listen(node=node, expectation=expectation):
            return _listen(node, expectation, ask)
        case LookUp(node=node, request=request, facts=facts):
            try:
                reply = business.ask(request, facts, language)
            except BusinessError as error:
                tell(f"  ({error})")
                return [Replied(node=node, outcome=FAILED)]
            tell(f"  ({request}: {reply.outcome})")
            return [Replied(node=node, outcome=reply.outcome, facts=reply.facts)]
        case Transfer(summary=summary):
            tell(f"  (a person is rung and would hear: {summary.text})")
            if _line(ask, "  (do they answer? y/n) ") not in {"y", "д"}:
                return [Unanswered(reason=Refusal.NO_ANSWER)]
            return [Joined(agent="console"), AgentLeft()]
        case StopRecording():
            tell("  (the recording is stopped and deleted)")
        case PromiseCallback(phone=phone, reason=reason):
            tell(f"  (a call-back to {phone} is stored: {reason})")
        case HangUp():
            tell("  (the robot hangs up)")
    return []


def _listen(node: str, expectation: Expectation, ask: Ask) -> list[CallEvent]:
    said = _line(ask, "caller: ")
    if said is None:
        return [HungUp()]
    if not said:
        return [Silent(node=node)]
    if said.startswith("[") and said.endswith("]"):
        return [*(Pressed(key=key) for key in said[1:-1]), Silent(node=node)]
    meaning = interpret(expectation, said)
    return [Heard(node=node, text=said, label=meaning.label, facts=meaning.facts)]


def _line(ask: Ask, prompt: str) -> str | None:
    """A typed line; None at its end."""
    try:
        return ask(prompt).strip()
    except EOFError:
        return None
