"""One message of a conversation in writing: what was written → what the robot writes back, and the rows of both.

Plain blocking code, run in threads by the chat and by the webhooks. A message and its answers are written in one
transaction: of a process that dies in between nothing is left, and the message is taken anew when it comes again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.chat.runtime import ChatRuntime
from api.chat.suggestions import suggestions
from api.chat.verification import Verification
from api.kit.translations import say
from ivr.business.protocol import Reply
from ivr.call.text_session import Response, TextSession
from ivr.dialog.actions import Action, PromiseCallback, StopRecording, Transfer
from ivr.dialog.state import State
from ivr.scenario.registry import LoadedScenario
from recordings.calls.callbacks import wait_in_chat
from recordings.contacts.call import Callback, Outcome, Turn
from recordings.contacts.chat import WEB, Chat, Message
from recordings.customers import cards, chats
from recordings.database import reading, transaction
from speech.recognition.words import Speaker

IDLE = timedelta(hours=24)
"""A conversation nobody has written in for so long is over; the next message begins another."""
MOST_WORDS = 2000
MOST_LETTERS = 20_000
MOST_MESSAGES = 300
"""Messages of one conversation, the robot's among them; then it ends."""
TRIES = 3
"""Times a message is taken anew when another process was quicker with one of the same visitor."""
PHONES = ("callback.number", "contact.phone")
"""Facts that are the visitor's number, the one that counts more first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who writes."""

    channel: str
    address: str
    """In the channel's own terms."""
    language: str
    source: str = ""
    """What brought them."""
    phone: str = ""
    """Number the channel vouches for; empty where it does not: then nothing is told that belongs to a number."""
    email: str = ""
    """The same of an e-mail address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the robot writes back."""

    chat_id: str
    replies: tuple[str, ...]
    suggestions: tuple[str, ...] = ()
    """Answers that may be given by a click."""
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One message as the visitor sees it."""

    key: str
    """What the browser called it; empty for the robot's own."""
    mine: bool
    """The visitor's own."""
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the visitor finds when they come, or come back."""

    messages: tuple[Written, ...]
    suggestions: tuple[str, ...]
    ended: bool


class Busy(Exception):
    """Other messages of the same visitor kept coming in between; this one was not taken."""


class _Overtaken(Exception):
    """Another process has written in the chat meanwhile."""


def too_long(text: str) -> bool:
    """Whether nobody could be meant to read this."""
    return len(text) > MOST_LETTERS or len(text.split()) > MOST_WORDS


def visit(chat_runtime: ChatRuntime, who: Writer) -> View:
    """What there is of a conversation: the one that goes on, or the greeting of one that has not begun.

    Raises:
        ScenarioError: there is no scenario to talk by.
    """
    with reading(chat_runtime.database) as db:
        chat = chats.find_open(db, who.channel, who.address, datetime.now(UTC) - IDLE)
        messages = chats.messages_of(db, chat.id) if chat else []
    if chat is None:
        line = chat_runtime.line(who.language)
        talk, said = _opened(chat_runtime, line, who, Verification(), chat_id="")
        now = datetime.now(UTC)
        greeting = tuple(Written(key="", mine=False, text=text, at=now) for _, text in said.texts)
        return View(messages=greeting, suggestions=suggestions(line.scenario, talk.state), ended=talk.state.finished)
    resumed = _resumed(chat_runtime, chat, who, Verification())
    return View(
        messages=tuple(
            Written(key=message.key, mine=message.speaker is Speaker.CALLER, text=message.text, at=message.at)
            for message in messages
            if message.text
        ),
        suggestions=suggestions(resumed[0].scenario, resumed[1].state) if resumed else (),
        ended=False,
    )


def take(chat_runtime: ChatRuntime, who: Writer, text: str, key: str) -> Answer:
    """Answer a message. The same key again gets the same answer and changes nothing.

    Raises:
        ScenarioError: there is no scenario to talk by.
        Busy: too many messages of one visitor at once.
    """
    with chat_runtime.alone(who.channel, who.address):
        for _ in range(TRIES):
            try:
                return _take(chat_runtime, who, text, key)
            except (_Overtaken, IntegrityError):
                continue
    raise Busy(f"{who.channel}: messages of one visitor overtook each other {TRIES} times")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a conversation stands when a message comes."""

    chat: Chat
    line: LoadedScenario
    talk: TextSession
    number: int
    """Of its next message."""
    opening: Response | None = None
    """What begins it; None where it goes on."""


def _take(chat_runtime: ChatRuntime, who: Writer, text: str, key: str) -> Answer:
    now = datetime.now(UTC)
    with reading(chat_runtime.database) as db:
        before = chats.find_answered(db, who.channel, who.address, key)
        open_chat = chats.find_open(db, who.channel, who.address, now - IDLE)
        kept = chats.messages_of(db, open_chat.id) if open_chat else []
    if before is not None:
        return _repeated(chat_runtime, who, before)
    proof = Verification(texts=(*(message.text for message in kept), text))
    place = _standing(chat_runtime, who, proof, open_chat, len(kept), now)
    talk, language = place.talk, place.chat.language
    opening = place.opening.texts if place.opening else ()
    node, number = talk.state.node, place.number + len(opening)
    if number > MOST_MESSAGES:
        said = Response(texts=(("", say(language, "chat.full")),))
    elif talk.state.finished:  # the opening alone has settled it
        said = Response(texts=())
    else:
        said = talk.caller_says(text)
    asked = said.heard.turn if said.heard else Turn(speaker=Speaker.CALLER, node=node, text=text)
    texts, actions = _performed(talk, said)
    if proof.wanting:
        texts = (("", say(language, "chat.prove_booking")), *texts[1:])  # the first one says that we failed
    messages = [
        *_written(place.number, opening, now),
        Message.of(asked, number=number, at=now, key=key),
        *_written(number + 1, texts, now),
    ]
    ended = talk.state.finished or number > MOST_MESSAGES
    with transaction(chat_runtime.database) as db:
        _write(db, place, who, messages, actions)
        if ended:
            outcome = talk.state.outcome or Outcome.ABANDONED
            chats.close_chat(db, place.chat.id, ended_at=now, outcome=outcome)
    return Answer(
        chat_id=place.chat.id,
        replies=(*_greeting(who, opening, node), *(text for _, text in texts)),
        suggestions=() if ended else suggestions(place.line.scenario, talk.state),
        ended=ended,
    )


def _standing(
    chat_runtime: ChatRuntime, who: Writer, proof: Verification, chat: Chat | None, messages: int, now: datetime
) -> _Place:
    """The conversation that goes on, or else a new one."""
    if chat and (resumed := _resumed(chat_runtime, chat, who, proof)):
        line, talk = resumed
        return _Place(chat=chat, line=line, talk=talk, number=messages + 1)
    if chat:
        with transaction(chat_runtime.database) as db:
            chats.close_chat(db, chat.id, ended_at=now, outcome=chat.outcome or Outcome.ABANDONED)
    line = chat_runtime.line(who.language)
    fresh = _new_chat(line, who, now)
    talk, opening = _opened(chat_runtime, line, who, proof, chat_id=fresh.id)
    return _Place(chat=fresh, line=line, talk=talk, number=1, opening=opening)


def _write(db: Session, place: _Place, who: Writer, messages: list[Message], actions: list[Action]) -> None:
    """Everything of one message."""
    chat, state, now = place.chat, place.talk.state, messages[-1].at
    if place.opening:
        actions = [*place.opening.actions, *actions]
        chats.close_idle(db, now - IDLE)
        chats.open_chat(db, chat)
        cards.meet_visitor(db, chat.id, phone=who.phone, email=who.email, language=chat.language, source=who.source)
    for message in messages:
        if not chats.note_message(db, chat.id, message):
            raise _Overtaken
    phone = next((state.facts[name] for name in PHONES if state.facts.get(name)), "")
    if any(isinstance(action, StopRecording) for action in actions):
        chats.forget_words(db, chat.id)
    for action in actions:
        waiting = Callback(chat_id=chat.id, phone=phone or who.phone, reason="", requested_at=now)
        if isinstance(action, Transfer):
            chats.hand_over(db, chat.id, at=now, summary=action.summary.text)
            wait_in_chat(db, replace(waiting, reason=" … ".join(action.said) if state.recorded else ""))
        elif isinstance(action, PromiseCallback):
            wait_in_chat(db, replace(waiting, phone=action.phone, reason=action.reason if state.recorded else ""))
    if phone:
        cards.claim(db, chat.id, phone, language=chat.language)
    chats.save_state(db, chat.id, at=now, state=state.to_json(), facts=state.facts, outcome=state.outcome)


def _performed(talk: TextSession, said: Response) -> tuple[tuple[tuple[str, str], ...], list[Action]]:
    """What the channel does about a turn.

    Nobody sits at a desk: what the robot says while it connects is left out, and the conversation goes on as if nobody
    had taken over.
    """
    texts, actions = said.texts, [*said.actions]
    for _ in range(TRIES):
        if not any(isinstance(action, Transfer) for action in said.actions):
            break
        connecting = talk.state.node
        said = talk.person(taken=False)
        texts = (*(line for line in texts if line[0] != connecting), *said.texts)
        actions += said.actions
    return texts, actions


def _resumed(
    chat_runtime: ChatRuntime, chat: Chat, who: Writer, proof: Verification
) -> tuple[LoadedScenario, TextSession] | None:
    """The conversation where it stood, by the version it began with while that is at hand; None if it cannot go on."""
    line = chat_runtime.version(chat.scenario_version) or chat_runtime.line(chat.language)
    try:
        state = State.from_json(dict(chat.state))
    except ValidationError:
        return None
    if state.node not in line.scenario.nodes or state.finished:
        return None
    return line, _talk(chat_runtime, line, who, proof, chat.id, state)


def _opened(
    chat_runtime: ChatRuntime, line: LoadedScenario, who: Writer, proof: Verification, *, chat_id: str
) -> tuple[TextSession, Response]:
    talk = _talk(chat_runtime, line, who, proof, chat_id, None)
    facts = {"contact.channel": "mail" if "mail" in who.channel.lower() else "chat"}
    said = talk.open(facts | ({"caller.number": who.phone} if who.phone else {}))
    texts, actions = _performed(talk, said)
    return talk, Response(texts=texts, actions=tuple(actions))


def _talk(
    chat_runtime: ChatRuntime, line: LoadedScenario, who: Writer, proof: Verification, chat_id: str, state: State | None
) -> TextSession:
    def ask(request: str, facts: Mapping[str, str], language: str) -> Reply:
        return chat_runtime.requests.ask(request, facts, language, contact=chat_id)

    return TextSession(line.scenario, line.understanding, ask if who.phone else proof.guard(ask), state=state)


def _new_chat(line: LoadedScenario, who: Writer, now: datetime) -> Chat:
    return Chat(
        id=str(uuid4()),
        channel=who.channel,
        address=who.address,
        language=line.scenario.language,
        scenario=line.scenario.name,
        scenario_version=line.scenario.version,
        started_at=now,
        last_at=now,
        source=who.source,
    )


def _written(first: int, texts: tuple[tuple[str, str], ...], now: datetime) -> Iterator[Message]:
    for number, (node, text) in enumerate(texts, first):
        yield Message(number=number, speaker=Speaker.ROBOT, node=node, text=text, at=now)


def _greeting(who: Writer, opening: tuple[tuple[str, str], ...], question: str) -> tuple[str, ...]:
    """What comes before the first answer, without the question that was answered already; a web chat has shown it."""
    return () if who.channel == WEB else tuple(text for node, text in opening if node != question)


def _repeated(chat_runtime: ChatRuntime, who: Writer, before: chats.Answered) -> Answer:
    ended = before.last and before.chat.ended_at is not None
    resumed = _resumed(chat_runtime, before.chat, who, Verification()) if before.last and not ended else None
    opening = tuple((message.node, message.text) for message in before.opening)
    said = (*_greeting(who, opening, opening[-1][0] if opening else ""), *(message.text for message in before.replies))
    return Answer(
        chat_id=before.chat.id,
        replies=tuple(text for text in said if text),
        suggestions=suggestions(resumed[0].scenario, resumed[1].state) if resumed else (),
        ended=ended,
    )
