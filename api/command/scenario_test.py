"""`otklik scenario test`: simulated callers hold their conversations in writing, with a voice or over the telephone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from ivr.errors import IvrError
from ivr.faq.search import Knowledge
from ivr.settings import PhoneSettings, RobotSettings
from ivr.simulation.conversation_file import Conversation, read_all
from ivr.simulation.conversations import Hear, Held, as_written, hold
from ivr.simulation.figures import figures, lines
from ivr.simulation.phone_calls import Exchange, hold_call
from ivr.simulation.rehearsal import open_caller_voice
from ivr.simulation.shop import ARTICLES, clock
from ivr.simulation.voice import SpokenHearing
from ivr.understanding.intent_model import understanding
from recordings.database import connect, migrate
from recordings.settings import StoreSettings
from speech.errors import SpeechError
from speech.recognition.engines import open_recognizer
from speech.settings import SpeechSettings

Way = Literal["text", "audio", "call"]


def hold_conversations(
    paths: Sequence[Path],
    *,
    way: Way,
    language: str = "",
    tags: Sequence[str] = (),
    noise: float | None = None,
    as_json: bool = False,
    verbose: bool = False,
) -> int:
    """Hold the conversations, one line each, and the figures; 1 where something was not as expected."""
    try:
        conversations = read_all(paths, language=language, tags=tags)
        held = []
        with holders(conversations, way=way, noise=noise) as hold_one:
            for conversation in conversations:
                one = hold_one(conversation)
                held.append(one)
                _tell(one, as_json=as_json, verbose=verbose)
    except (IvrError, SpeechError) as error:
        print(error, file=sys.stderr)
        return 1
    found = figures(held)
    if as_json:
        print(json.dumps({"figures": asdict(found)}))
    for line in lines(found):
        print(line, file=sys.stderr)
    return 1 if found.as_expected < found.conversations or found.loops else 0


def _tell(held: Held, *, as_json: bool, verbose: bool) -> None:
    conversation = held.conversation
    if as_json:
        print(json.dumps(_body(held), ensure_ascii=False), flush=True)
        return
    name = f"{conversation.language} {conversation.file.stem}/{conversation.name}"
    print(f"{'ok  ' if not held.differences else 'DIFF'} {name}", flush=True)
    for difference in held.differences:
        print(f"     {difference}")
    if verbose or held.differences:
        for who, text in held.exchange:
            print(f"       {who + ':':8}{text[:300]}")


def _body(held: Held) -> Mapping[str, Any]:
    return {
        "conversation": held.conversation.name,
        "language": held.conversation.language,
        "file": str(held.conversation.file),
        "line": held.conversation.line,
        "ok": not held.differences,
        "differences": held.differences,
        "outcome": held.outcome,
        "to_person": held.to_person,
        "person_turns": held.person_turns,
        "loops": held.loops,
        "model": held.model,
        "exchange": held.exchange,
    }


@contextmanager
def holders(
    conversations: Sequence[Conversation], *, way: Way, noise: float | None
) -> Iterator[Callable[[Conversation], Held]]:
    """What holds one conversation after the other, with all that is loaded once a run.

    Raises:
        ScenarioError: a scenario of these languages is faulty, or there is none.
        SpeechError: a voice or a recogniser is missing.
    """
    languages = sorted({conversation.language for conversation in conversations})
    scenarios = {scenario.language: scenario for scenario in RobotSettings().load_scenarios().values()}
    if missing := [language for language in languages if language not in scenarios]:
        raise IvrError(f"no scenario for {', '.join(missing)} in OTKLIK_SCENARIOS")
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        if way == "call":
            database = connect(StoreSettings().database_url)
            stack.callback(database.dispose)
            exchange = Exchange(settings=PhoneSettings(), database=database, folder=Path(folder))
            voices = {at: stack.enter_context(closing(open_caller_voice(at))) for at in languages}
            yield lambda one: hold_call(
                scenarios[one.language], one, exchange=exchange, voice=voices[one.language], noise=noise
            )
            return
        address = f"sqlite:///{folder}/outbox.db"
        migrate(address)
        outbox = connect(address)
        stack.callback(outbox.dispose)
        ears: dict[str, Hear] = {
            language: _ear(language, noise, stack) if way == "audio" else as_written for language in languages
        }
        minds = {language: understanding(scenarios[language]) for language in languages}  # of the examples alone
        knowledge = Knowledge.load(ARTICLES)
        for first in {one.language: one for one in conversations}.values():  # what is loaded on first use is no step
            at = first.language
            hold(scenarios[at], first, minds[at], knowledge=knowledge, outbox=outbox)

        def hold_one(conversation: Conversation) -> Held:
            at = conversation.language
            mind = replace(minds[at], now=clock(conversation))
            return hold(scenarios[at], conversation, mind, hear=ears[at], knowledge=knowledge, outbox=outbox)

        yield hold_one


def _ear(language: str, noise: float | None, stack: ExitStack) -> SpokenHearing:
    voice = stack.enter_context(closing(open_caller_voice(language)))
    return SpokenHearing(voice, open_recognizer(language, SpeechSettings(), live=True), noise=noise)
