"""A scenario in the terminal: what a caller would hear, answered by typing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ivr.business.proof import Caller, open_access
from ivr.business.requests import Requests, open_business
from ivr.call.text_session import Response, TextSession
from ivr.dialog.actions import HangUp, PromiseCallback, StopRecording, Transfer
from ivr.errors import ScenarioError
from ivr.faq.search import Knowledge
from ivr.scenario.scenario import load
from ivr.settings import RobotSettings
from ivr.understanding.intent_model import understanding

HELP = "type what the caller says; an empty line is silence, [4127#] are keys; Ctrl-D hangs up"

Read = Callable[[str], str]
"""Shows a prompt, returns a line; EOFError ends the call."""
Tell = Callable[[str], None]


def talk(path: Path, *, number: str = "+79161234567", ask: Read = input, tell: Tell = print) -> int:
    """Hold one conversation by text, with the company's system behind it; exit status 1 for a faulty file."""
    try:
        scenario = load(path)
    except ScenarioError as error:
        tell(str(error))
        return 1
    settings = RobotSettings()
    knowledge = Knowledge.load(Path(settings.knowledge))
    requests = Requests(business=open_business(settings), knowledge=knowledge)
    guard = open_access(requests, settings, None).guard(Caller(contact="console", number=number), scenario.language)
    tell(f"{scenario.name} ({scenario.language}); {HELP}")
    try:
        conversation = TextSession(scenario, understanding(scenario), guard.ask)
        response = conversation.open({"caller.number": number})
        while True:
            _show(response, tell)
            if any(isinstance(action, Transfer) for action in response.actions):
                response = _person(conversation, ask)
            elif conversation.state.finished:
                break
            else:
                line = _line(ask, "caller: ")
                response = conversation.hang_up() if line is None else conversation.caller_says(line)
    finally:
        requests.close()
    tell(f"  (over: {conversation.state.outcome})")
    return 0


def _person(conversation: TextSession, ask: Read) -> Response:
    if _line(ask, "  (do they answer? y/n) ") not in {"y", "д"}:
        return conversation.person(taken=False)
    conversation.person(taken=True)
    return conversation.agent_left()


def _show(response: Response, tell: Tell) -> None:
    if meaning := response.meaning:
        facts = ", ".join(f"{name} = {value}" for name, value in meaning.facts.items())
        sure = "" if meaning.confidence is None else f", {meaning.confidence:.2f}"
        tell(f"  (understood {meaning.label}{f': {facts}' if facts else ''}{sure})")
    for request, outcome in response.replies:
        tell(f"  ({request}: {outcome})")
    for _, text in response.texts:
        tell(f"robot:  {text}")
    for action in response.actions:
        match action:
            case Transfer(summary=summary):
                tell(f"  (a person is rung and would hear: {summary.text})")
            case StopRecording():
                tell("  (the recording is stopped and deleted)")
            case PromiseCallback(phone=phone, reason=reason):
                tell(f"  (a call-back to {phone} is stored: {reason})")
            case HangUp():
                tell("  (the robot hangs up)")


def _line(ask: Read, prompt: str) -> str | None:
    """A typed line; None at its end."""
    try:
        return ask(prompt).strip()
    except EOFError:
        return None
