"""Holds the conversations of simulated callers and compares what happened with what was expected.

In writing, or with a voice: then each phrase is spoken, put on a noisy telephone line and recognised before it is
understood. The dialogue, the understanding and the requests are those of real calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Engine

from ivr.business.proof import Access, Caller, Rules
from ivr.business.protocol import REQUESTS, Reply
from ivr.call.text_session import Response, TextSession
from ivr.dialog.actions import Transfer
from ivr.dialog.expectation import NO, UNCLEAR
from ivr.dialog.nodes import Scenario
from ivr.dialog.state import Stage
from ivr.faq.search import Knowledge
from ivr.simulation.conversation_file import Conversation, Turn
from ivr.simulation.shop import open_requests
from ivr.understanding.understanding import Understanding
from recordings.calls.settings import callback_settings
from recordings.contacts.call import Outcome
from recordings.customers.tries import Tries

MOST_TURNS = 30
"""Turns of a caller beyond which a conversation has gone round in circles."""
MOST_TIMES = 2
"""Times the same question may be put in the same words before something is settled or learned."""
REPEATS = 3
"""Times a caller on the telephone says over what was not understood, or answers what is read back."""
ONCE_MORE = {"ru": "Я говорю:", "en": "I said,"}
YES_AND_NO = {"ru": ("Да, верно.", "Нет, неверно."), "en": ("Yes, that is right.", "No, that is wrong.")}
REACHED = 2
"""Turns within which somebody who wants a person must have reached one."""

Hearing = Callable[[str], tuple[str, float | None]]
"""What the robot hears of a phrase, and how sure the recogniser is; None in writing."""


def as_written(text: str) -> tuple[str, float | None]:
    """In writing every word arrives as it was meant."""
    return text, None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One conversation, held to its end."""

    conversation: Conversation
    differences: tuple[str, ...]
    """What was not as expected, each as ``file:line: …``; none: all was."""
    exchange: tuple[tuple[str, str], ...]
    """Who said what: ``caller`` or ``robot``."""
    outcome: Outcome | None
    to_person: bool
    """Whether it was handed over."""
    person_turns: int | None
    """Caller's turns from wanting a person until one was rung; None where nobody wanted one, 0 where none was."""
    loops: int
    """Questions that were put more often than allowed, and conversations that never end."""
    seconds: tuple[float, ...]
    """Seconds of understanding and the dialogue's step, without the business system, for each turn."""
    model: str = ""
    """Version of the intent model that understood."""
    replies: tuple[float, ...] = ()
    """Seconds from the caller's last sound to the robot's first one, in a call."""

    @property
    def settled(self) -> bool:
        """Settled without a person."""
        return self.outcome == Outcome.SETTLED and not self.to_person


@dataclass(slots=True)
class Observed:
    """What is written down while a conversation goes on."""

    differences: list[str] = field(default_factory=list)
    exchange: list[tuple[str, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    questions: dict[str, int] = field(default_factory=dict)
    """Question → times it was put since something was learned."""
    known: Mapping[str, str] = field(default_factory=dict)
    loops: int = 0
    rung: bool = False
    person_wanted: int | None = None
    """Number of the turn from which a person was wanted."""
    reached: int | None = None


class SimulatedCaller:
    """One conversation going on.

    On the telephone a caller who is asked again says it again, and answers what is read back by what they said.
    """

    def __init__(
        self, conversation: Conversation, talk: TextSession, hearing: Hearing, waited: Callable[[], float]
    ) -> None:
        self.observed = Observed()
        self._conversation = conversation
        self._talk = talk
        self._hearing = hearing
        self._waited = waited
        """Seconds spent with the business system so far."""

    def hold(self) -> None:
        self._take(lambda: self._talk.open({"caller.number": self._conversation.number}))
        turns = self._conversation.turns
        for before, turn in zip(turns[:1] + turns, turns, strict=False):
            if self._is_over() and not turn.hang_up:
                if not (turn.silent or len(before.expect) > 1):  # what may go several ways may end sooner
                    self._differs(turn.line, f"{turn.shown}: the conversation is over, in {self._talk.state.node}")
                return
            if turn.wants_person and self.observed.person_wanted is None:
                self.observed.person_wanted = len(self.observed.seconds)
            response = self._say(turn.hear, turn.otherwise) if turn.hear else self._do(turn)
            self._compare(turn, response)

    def _say(self, words: str, otherwise: str) -> Response:
        """Say it, and once more, in other words if there are some, if the robot asks again."""
        at, waits_for = self._talk.state.at, self._talk.waits_for
        response = self._spoken(words)
        if self._hearing is as_written or waits_for is None or not any(char.isalnum() for char in words):
            return response
        meant = self._talk.understood(waits_for, words).facts
        for _ in range(REPEATS):
            now, label = self._talk.state.at, response.meaning.label if response.meaning else UNCLEAR
            if self._is_over():
                break
            if now.stage is Stage.CONFIRM and now.node == at.node:
                is_right = all(meant.get(name) == value for name, value in now.pending.items())
                more = self._spoken(YES_AND_NO[self._conversation.language][not is_right])
            elif label in {UNCLEAR, NO} and now.question == at.question:
                more = self._spoken(otherwise or f"{ONCE_MORE[self._conversation.language]} {words}")
            else:
                break
            response = replace(more, texts=(*response.texts, *more.texts))
        return response

    def _spoken(self, words: str) -> Response:
        text, confidence = self._hearing(words)
        self.observed.exchange.append(("caller", words if text == words else f"{words} → {text}"))
        return self._take(lambda: self._talk.caller_says(text, confidence) if text else self._talk.noise(), counts=True)

    def _do(self, turn: Turn) -> Response:
        """Whatever else callers do."""
        self.observed.exchange.append(("caller", f"({turn.shown})"))
        if turn.press:
            return self._take(lambda: self._talk.press(turn.press), counts=True)
        happen = self._talk.silence if turn.silent else self._talk.noise if turn.noise else self._talk.hang_up
        return self._take(happen, counts=True)

    def _take(self, happen: Callable[[], Response], *, counts: bool = False) -> Response:
        started, waited = time.perf_counter(), self._waited()
        response = happen()
        if counts:
            self.observed.seconds.append(time.perf_counter() - started - (self._waited() - waited))
        texts, rung, actions = [*response.texts], False, response.actions
        while any(isinstance(action, Transfer) for action in actions):
            rung = True
            answered = self._talk.person(taken=self._conversation.person)
            texts += answered.texts
            actions = answered.actions
        self.observed.exchange += [("robot", text) for _, text in texts]
        if rung:
            self.observed.rung = True
            if self.observed.person_wanted is not None and self.observed.reached is None:
                self.observed.reached = len(self.observed.seconds) - self.observed.person_wanted
        self._count_questions(texts)
        return replace(response, texts=tuple(texts))

    def _count_questions(self, texts: Sequence[tuple[str, str]]) -> None:
        state = self._talk.state
        if state.facts != self.observed.known:
            self.observed.known, self.observed.questions = dict(state.facts), {}
        if texts and not state.finished:
            put = texts[-1][1]
            self.observed.questions[put] = self.observed.questions.get(put, 0) + 1
            self.observed.loops += self.observed.questions[put] == MOST_TIMES + 1

    def _is_over(self) -> bool:
        return self._talk.state.finished or (self.observed.rung and self._conversation.person)

    def _compare(self, turn: Turn, response: Response) -> None:
        node = "to_person" if self.observed.rung and self._conversation.person else self._talk.state.node
        if turn.expect and node not in turn.expect:
            meaning = f", understood {response.meaning.label}" if response.meaning else ""
            self._differs(turn.line, f"{turn.shown}: want {' or '.join(turn.expect)}, got {node}{meaning}")
        answer = " ".join(text for _, text in response.texts)
        if turn.says and not turn.says.search(answer):
            self._differs(turn.line, f"{turn.shown}: want an answer with {turn.says.pattern!r}, got {answer!r}")

    def _differs(self, line: int, text: str) -> None:
        self.observed.differences.append(f"{self._conversation.file}:{line}: {text}")


def hold(
    scenario: Scenario,
    conversation: Conversation,
    understanding: Understanding,
    *,
    hearing: Hearing = as_written,
    knowledge: Knowledge | None = None,
    outbox: Engine | None = None,
) -> Held:
    """Hold one conversation, with a fresh shop behind it.

    Args:
        scenario: In the conversation's language.
        conversation: The caller.
        understanding: With the conversation's clock.
        hearing: What becomes of a phrase on its way to the robot.
        knowledge: Articles the robot answers questions from.
        outbox: Database that keeps what a broken shop cannot take.
    """
    written: dict[str, str] = {}
    waited = 0.0

    with open_requests(conversation, knowledge=knowledge, outbox=outbox) as requests:
        number = conversation.number if conversation.caller_id == "network" else ""
        rings = Caller(contact=conversation.name, number=number)
        access = Access(requests=requests, rules=Rules(callbacks=callback_settings()), tries=Tries())
        guard = access.guard(rings, conversation.language)

        def ask(request: str, facts: Mapping[str, str], language: str) -> Reply:
            nonlocal waited
            started = time.perf_counter()
            try:
                reply = guard.ask(request, facts, language)
            finally:
                waited += time.perf_counter() - started
            if REQUESTS[request].writes:
                written[request] = reply.outcome
            return reply

        talk = TextSession(scenario, understanding, ask)
        caller = SimulatedCaller(conversation, talk, hearing, lambda: waited)
        caller.hold()
    return _held(conversation, talk, caller.observed, written, understanding)


def _held(
    conversation: Conversation,
    talk: TextSession,
    observed: Observed,
    written: Mapping[str, str],
    understanding: Understanding,
) -> Held:
    handed_over = observed.rung and conversation.person
    outcome = Outcome.HANDED_OVER if handed_over else talk.state.outcome
    differences = [*observed.differences]
    at = f"{conversation.file}:{conversation.line}"
    if conversation.outcome and outcome != conversation.outcome:
        differences.append(f"{at}: want it {conversation.outcome} at the end, got {outcome or 'nothing yet'}")
    for what, wanted, got in (("", conversation.facts, talk.state.facts), ("asked ", conversation.business, written)):
        for name, value in wanted.items():
            if got.get(name) != value:
                differences.append(f"{at}: want {what}{name} {value!r} at the end, got {got.get(name)!r}")
    reached = None
    if observed.person_wanted is not None:
        reached = observed.reached or 0
    return Held(
        conversation=conversation,
        differences=tuple(differences),
        exchange=tuple(observed.exchange),
        outcome=outcome,
        to_person=observed.rung,
        person_turns=reached,
        loops=observed.loops + (len(observed.seconds) > MOST_TURNS),
        seconds=tuple(observed.seconds),
        model=understanding.intents.version if understanding.intents else "",
    )
