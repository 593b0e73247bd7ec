"""One conversation in writing: what a console, a chat, a webhook and simulated callers stand on."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ivr.business.protocol import Reply
from ivr.dialog.actions import Action, HangUp, Listen, LookUp, PromiseCallback, Recall, Say, StopRecording, Transfer
from ivr.dialog.dialog import step
from ivr.dialog.events import (
    AgentLeft,
    Answered,
    CallEvent,
    Heard,
    HungUp,
    Joined,
    Pressed,
    Recalled,
    Refusal,
    Replied,
    Silent,
    Unanswered,
    heard,
)
from ivr.dialog.expectation import UNCLEAR, Expectation, Meaning
from ivr.dialog.nodes import FAILED, Scenario
from ivr.dialog.question import expected
from ivr.dialog.state import State, begin, fitting
from ivr.errors import BusinessError
from ivr.understanding.understanding import Understanding, interpret, recall

KEYS = re.compile(r"\[([0-9*#]+)\]")
"""Keys among written words, as ``[4127#]``."""
Ask = Callable[[str, Mapping[str, str], str], Reply]
"""``ask(request, facts, language)``; BusinessError when there is no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The robot's answer to one thing the caller did."""

    texts: tuple[tuple[str, str], ...]
    """Node and what it says, as people read it."""
    actions: tuple[Action, ...] = ()
    """Left for the channel: ``Transfer``, ``PromiseCallback``, ``StopRecording``, ``HangUp``."""
    heard: Heard | None = None
    """The caller's words and what they were taken for; None where they used none, or nobody listened."""
    replies: tuple[tuple[str, str], ...] = ()
    """Requests put to the business system, and their outcomes."""

    @property
    def meaning(self) -> Meaning | None:
        """Meaning the caller's words were taken for."""
        return self.heard.meaning if self.heard else None


class TextSession:
    """One conversation. Blocking: it asks the business system itself."""

    def __init__(
        self, scenario: Scenario, understanding: Understanding, ask: Ask, *, state: State | None = None
    ) -> None:
        self.scenario = scenario
        self.state = begin(scenario) if state is None else fitting(scenario, state)
        self._understanding = understanding
        self._ask = ask
        self._question: Expectation | None = None

    def open(self, facts: Mapping[str, str]) -> Response:
        """Begin, with what is known before a word is said: ``caller.number`` at least, perhaps empty."""
        return self._take(Answered(facts={"caller.number": "", **facts}))

    def caller_says(self, text: str, confidence: float | None = None) -> Response:
        """The caller wrote something, or a recogniser heard it. ``[4127#]`` are keys, an empty text is silence."""
        if not text.strip():
            return self.silence()
        if keys := KEYS.fullmatch(text.strip()):
            return self.press(keys[1])
        if not (expectation := self.waits_for):
            return Response(texts=())
        meaning = interpret(expectation, text, confidence, self._understanding)
        answer = heard(self.state.node, text, meaning)
        return replace(self._take(answer), heard=answer)

    def press(self, keys: str) -> Response:
        """The caller pressed keys, and then no more."""
        if not keys or not self.waits_for:
            return Response(texts=())
        node = self.state.at
        responses = [self._take(Pressed(key=key)) for key in keys]
        if self.state.at == node and self.state.keys:
            responses.append(self._take(Silent(node=self.state.node)))
        return _together(responses)

    def noise(self) -> Response:
        """Something was heard, but no words."""
        return self._take(heard(self.state.node, "", Meaning(label=UNCLEAR)))

    def silence(self) -> Response:
        """The caller said nothing for as long as the question waits."""
        return self._take(Silent(node=self.state.node))

    def hang_up(self) -> Response:
        """The caller is gone."""
        return self._take(HungUp())

    def person(self, taken: bool) -> Response:
        """After a ``Transfer``: a person took over, or nobody did."""
        return self._take(Joined(agent="") if taken else Unanswered(reason=Refusal.NO_ANSWER))

    def agent_left(self) -> Response:
        """The person who took over is done."""
        return self._take(AgentLeft())

    def understood(self, expectation: Expectation, text: str) -> Meaning:
        """What words would mean to a question; nothing happens."""
        return interpret(expectation, text, None, self._understanding)

    @property
    def waits_for(self) -> Expectation | None:
        """What the caller may answer now; None while nothing is asked."""
        if self._question is None and not self.state.finished:
            self._question = expected(self.scenario, self.state)
        return self._question

    def _take(self, event: CallEvent) -> Response:
        texts: list[tuple[str, str]] = []
        left: list[Action] = []
        replies: list[tuple[str, str]] = []
        events: deque[CallEvent] = deque([event])
        while events:
            self.state, actions = step(self.scenario, self.state, events.popleft())
            self._question = None
            for action in actions:
                match action:
                    case Say(node=node, text=text):
                        texts.append((node, text))
                    case Listen(expectation=expectation):
                        self._question = expectation
                    case LookUp(node=node, request=request, facts=facts):
                        reply = self._look_up(request, facts)
                        replies.append((request, reply.outcome))
                        events.append(
                            Replied(
                                node=node,
                                outcome=reply.outcome,
                                facts=reply.facts,
                                options=reply.options,
                                proven=reply.proven,
                            )
                        )
                    case Recall(node=node, expectation=expectation, text=text):
                        found = recall(expectation, text, self._understanding)
                        events.append(Recalled(node=node, label=found.label, facts=found.facts))
                    case Transfer() | PromiseCallback() | StopRecording() | HangUp():
                        left.append(action)
        return Response(texts=tuple(texts), actions=tuple(left), replies=tuple(replies))

    def _look_up(self, request: str, facts: Mapping[str, str]) -> Reply:
        try:
            return self._ask(request, facts, self.scenario.language)
        except BusinessError:
            return Reply(outcome=FAILED)


def _together(parts: list[Response]) -> Response:
    return Response(
        texts=tuple(text for part in parts for text in part.texts),
        actions=tuple(action for part in parts for action in part.actions),
        replies=tuple(reply for part in parts for reply in part.replies),
    )
