"""Simulated callers hold their conversations in writing, with a voice or over the telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from ivr.errors import IvrError
from ivr.faq.search import Knowledge
from ivr.settings import PhoneSettings, RobotSettings
from ivr.simulation.conversation_file import Conversation
from ivr.simulation.conversations import Hearing, Held, as_written, hold
from ivr.simulation.phone_calls import Exchange, hold_call
from ivr.simulation.rehearsal import open_caller_voice
from ivr.simulation.shop import ARTICLES, clock
from ivr.simulation.voice import SpokenHearing
from ivr.understanding.intent_model import understanding
from recordings.database import connect, migrate
from recordings.settings import StoreSettings
from speech.recognition.engines import open_recognizer
from speech.settings import SpeechSettings

Way = Literal["text", "audio", "call"]


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
        hearings: dict[str, Hearing] = {
            language: _spoken_hearing(language, noise, stack) if way == "audio" else as_written
            for language in languages
        }
        minds = {language: understanding(scenarios[language]) for language in languages}  # of the examples alone
        knowledge = Knowledge.load(ARTICLES)
        for first in {one.language: one for one in conversations}.values():  # what is loaded on first use is no step
            at = first.language
            hold(scenarios[at], first, minds[at], knowledge=knowledge, outbox=outbox)

        def hold_one(conversation: Conversation) -> Held:
            at = conversation.language
            mind = replace(minds[at], now=clock(conversation))
            return hold(scenarios[at], conversation, mind, hearing=hearings[at], knowledge=knowledge, outbox=outbox)

        yield hold_one


def _spoken_hearing(language: str, noise: float | None, stack: ExitStack) -> SpokenHearing:
    voice = stack.enter_context(closing(open_caller_voice(language)))
    return SpokenHearing(voice, open_recognizer(language, SpeechSettings(), live=True), noise=noise)
