"""One message of a conversation in writing: what was written → what the robot writes back, and the rows of both.

Plain blocking code, run in threads by the chat and by the webhooks. A message and its answers are written in one
transaction: of a process that dies in between nothing is left, and the message is taken anew when it comes again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.chat.runtime import ChatRuntime
from api.chat.suggestions import suggestions
from api.kit.translations import say
from ivr.business.proof import Caller, proven_numbers
from ivr.call.text_session import Response, TextSession
from ivr.dialog.actions import Action, PromiseCallback, StopRecording, Transfer
from ivr.dialog.state import State, begin
from ivr.scenario.registry import LoadedScenario
from recordings.calls.callbacks import wait_in_chat
from recordings.contacts.call import Callback, Outcome, Turn
from recordings.contacts.chat import WEB, Chat, Message
from recordings.customers import cards, chats
from recordings.customers.chats import IDLE
from recordings.database import reading, transaction
from speech.recognition.words import Speaker

MOST_WORDS = 2000
MOST_LETTERS = 20_000
MOST_MESSAGES = 300
"""Messages of one conversation, the robot's among them; then it ends."""
MOST_LETTERS_IN_ALL = 200_000
"""Letters of one conversation; then it ends, too: whoever opens it has all of them read."""
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
    """Number the channel vouches for, as a telephone's network does; empty where it does not."""
    email: str = ""
    """Address a mail says it is from. Anybody may write any: it is where the answer goes, and no proof."""
    network: str = ""
    """Network address, where it is known: bounds what one place may try."""


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


class Crowded(Exception):
    """So many new conversations came from one place today that it has to wait."""


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
    written = tuple(
        Written(key=message.key, mine=message.speaker is Speaker.CALLER, text=message.text, at=message.at)
        for message in messages
        if message.text
    )
    if chat and (resumed := _resumed(chat_runtime, chat, who)):
        loaded, talk = resumed
        return View(messages=written, suggestions=suggestions(loaded.scenario, talk.state), ended=False)
    loaded = chat_runtime.loaded(who.language)  # the next message begins anew, and only here its greeting is seen
    talk, response = _opened(chat_runtime, loaded, who, chat_id="", recorded=chat is None or chat.consent)
    now = datetime.now(UTC)
    greeting = tuple(Written(key="", mine=False, text=text, at=now) for _, text in response.texts)
    return View(
        messages=(*written, *greeting),
        suggestions=suggestions(loaded.scenario, talk.state),
        ended=talk.state.finished,
    )


def take(chat_runtime: ChatRuntime, who: Writer, text: str, key: str) -> Answer:
    """Answer a message. The same key again gets the same answer and changes nothing.

    Raises:
        ScenarioError: there is no scenario to talk by.
        Busy: too many messages of one visitor at once.
        Crowded: too many new conversations from one place.
    """
    with chat_runtime.alone(who.channel, who.address):
        for _ in range(TRIES):
            try:
                return _take(chat_runtime, who, text, key)
            except (_Overtaken, IntegrityError):
                continue
    raise Busy(f"{who.channel}: messages of one visitor overtook each other {TRIES} times")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Conversation:
    """Where a conversation stands when a message comes."""

    chat: Chat
    loaded: LoadedScenario
    talk: TextSession
    number: int
    """Number of its next message."""
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
    conversation = _conversation(chat_runtime, who, open_chat, len(kept), now)
    talk, language = conversation.talk, conversation.chat.language
    opening = conversation.opening.texts if conversation.opening else ()
    node, number = talk.state.node, conversation.number + len(opening)
    full = number > MOST_MESSAGES or sum(len(message.text) for message in kept) > MOST_LETTERS_IN_ALL
    if full:
        response = Response(texts=(("", say(language, "chat.full")),))
    elif talk.state.finished:  # the opening alone has settled it
        response = Response(texts=())
    else:
        response = talk.caller_says(text)
    asked = response.heard.turn if response.heard else Turn(speaker=Speaker.CALLER, node=node, text=text)
    texts, actions = _performed(talk, response)
    messages = [
        *_written(conversation.number, opening, now),
        Message.of(asked, number=number, at=now, key=key),
        *_written(number + 1, texts, now),
    ]
    ended = talk.state.finished or full
    with transaction(chat_runtime.database) as db:
        _write(db, conversation, who, messages, actions)
        if ended:
            outcome = talk.state.outcome or Outcome.ABANDONED
            chats.close_chat(db, conversation.chat.id, ended_at=now, outcome=outcome)
    if not talk.state.recorded:
        chat_runtime.unkept.put(conversation.chat.id, talk.state)
    return Answer(
        chat_id=conversation.chat.id,
        replies=(*_greeting(who, opening, node), *(text for _, text in texts)),
        suggestions=() if ended else suggestions(conversation.loaded.scenario, talk.state),
        ended=ended,
    )


def _conversation(
    chat_runtime: ChatRuntime, who: Writer, chat: Chat | None, messages: int, now: datetime
) -> _Conversation:
    """The conversation that goes on, or else a new one."""
    if chat and (resumed := _resumed(chat_runtime, chat, who)):
        loaded, talk = resumed
        return _Conversation(chat=chat, loaded=loaded, talk=talk, number=messages + 1)
    if chat:
        with transaction(chat_runtime.database) as db:
            chats.close_chat(db, chat.id, ended_at=now, outcome=chat.outcome or Outcome.ABANDONED)
    if not chat_runtime.access.may_begin(who.network):
        raise Crowded(f"{who.channel}: too many new chats of one address today")
    loaded = chat_runtime.loaded(who.language)
    consent = chat is None or chat.consent  # where a refused one was is not kept: it begins anew, and stays refused
    fresh = _new_chat(loaded, who, now, consent=consent)
    talk, opening = _opened(chat_runtime, loaded, who, chat_id=fresh.id, recorded=consent)
    return _Conversation(chat=fresh, loaded=loaded, talk=talk, number=1, opening=opening)


def _write(
    db: Session, conversation: _Conversation, who: Writer, messages: list[Message], actions: list[Action]
) -> None:
    """Everything of one message."""
    chat, state, now = conversation.chat, conversation.talk.state, messages[-1].at
    if conversation.opening:
        actions = [*conversation.opening.actions, *actions]
        chats.close_idle(db, now - IDLE)
        chats.open_chat(db, chat)
        cards.meet_visitor(db, chat.id, phone=who.phone, email=who.email, language=chat.language, source=who.source)
    if any(isinstance(action, StopRecording) for action in actions):
        chats.forget_words(db, chat.id)
    for message in messages:
        if not chats.note_message(db, chat.id, message):
            raise _Overtaken
    phone = next((state.facts[name] for name in PHONES if state.facts.get(name)), "")
    for action in actions:
        waiting = Callback(chat_id=chat.id, phone=phone or who.phone, reason="", requested_at=now)
        if isinstance(action, Transfer):
            chats.hand_over(db, chat.id, at=now, summary=action.summary.text)
            wait_in_chat(db, replace(waiting, reason=" … ".join(action.said) if state.recorded else ""))
        elif isinstance(action, PromiseCallback):
            wait_in_chat(db, replace(waiting, phone=action.phone, reason=action.reason if state.recorded else ""))
    for number in sorted(proven_numbers(state.proven)):
        cards.bind(db, chat.id, number, language=chat.language)
    chats.save_state(db, chat.id, at=now, state=state.to_json(), facts=state.facts, outcome=state.outcome)


def _performed(talk: TextSession, response: Response) -> tuple[tuple[tuple[str, str], ...], list[Action]]:
    """What the channel does about a turn.

    No agent is there: what the robot says while it connects is left out, and the conversation goes on as if nobody
    had taken over.
    """
    texts, actions = response.texts, [*response.actions]
    for _ in range(TRIES):
        if not any(isinstance(action, Transfer) for action in response.actions):
            break
        connecting = talk.state.node
        response = talk.person(taken=False)
        texts = (*(line for line in texts if line[0] != connecting), *response.texts)
        actions += response.actions
    return texts, actions


def _resumed(chat_runtime: ChatRuntime, chat: Chat, who: Writer) -> tuple[LoadedScenario, TextSession] | None:
    """The conversation where it stood, by the version it began with while that is at hand; None if it cannot go on."""
    loaded = chat_runtime.version(chat.scenario_version) or chat_runtime.loaded(chat.language)
    try:
        state = State.from_json(dict(chat.state)) if chat.consent else chat_runtime.unkept.get(chat.id)
    except ValidationError:
        return None
    if state is None or state.node not in loaded.scenario.nodes or state.finished:
        return None
    return loaded, _talk(chat_runtime, loaded, who, chat.id, state)


def _opened(
    chat_runtime: ChatRuntime, loaded: LoadedScenario, who: Writer, *, chat_id: str, recorded: bool = True
) -> tuple[TextSession, Response]:
    state = replace(begin(loaded.scenario), recorded=recorded)
    talk = _talk(chat_runtime, loaded, who, chat_id, state)
    facts = {"contact.channel": "mail" if "mail" in who.channel.lower() else "chat"}
    response = talk.open(facts | ({"caller.number": who.phone} if who.phone else {}))
    texts, actions = _performed(talk, response)
    return talk, Response(texts=texts, actions=tuple(actions))


def _talk(chat_runtime: ChatRuntime, loaded: LoadedScenario, who: Writer, chat_id: str, state: State) -> TextSession:
    """The dialogue; whoever they say they are, they are told what they have shown to be theirs."""
    visitor = f"{who.channel} {who.address}" if chat_id else ""
    caller = Caller(contact=chat_id, number=who.phone, visitor=visitor, address=who.network)
    guard = chat_runtime.access.guard(caller, loaded.scenario.language, state.proven)
    return TextSession(loaded.scenario, loaded.understanding, guard.ask, state=state)


def _new_chat(loaded: LoadedScenario, who: Writer, now: datetime, *, consent: bool) -> Chat:
    return Chat(
        id=str(uuid4()),
        channel=who.channel,
        address=who.address,
        language=loaded.scenario.language,
        scenario=loaded.scenario.name,
        scenario_version=loaded.scenario.version,
        started_at=now,
        last_at=now,
        source=who.source,
        consent=consent,
    )


def _written(first: int, texts: tuple[tuple[str, str], ...], now: datetime) -> Iterator[Message]:
    for number, (node, text) in enumerate(texts, first):
        yield Message(number=number, speaker=Speaker.ROBOT, node=node, text=text, at=now)


def _greeting(who: Writer, opening: tuple[tuple[str, str], ...], question: str) -> tuple[str, ...]:
    """What comes before the first answer, without the question that was answered already; a web chat has shown it."""
    return () if who.channel == WEB else tuple(text for node, text in opening if node != question)


def _repeated(chat_runtime: ChatRuntime, who: Writer, before: chats.Answered) -> Answer:
    ended = before.last and before.chat.ended_at is not None
    resumed = _resumed(chat_runtime, before.chat, who) if before.last and not ended else None
    opening = tuple((message.node, message.text) for message in before.opening)
    texts = (
        *_greeting(who, opening, opening[-1][0] if opening else ""),
        *(message.text for message in before.replies),
    )
    return Answer(
        chat_id=before.chat.id,
        replies=tuple(text for text in texts if text),
        suggestions=suggestions(resumed[0].scenario, resumed[1].state) if resumed else (),
        ended=ended,
    )
