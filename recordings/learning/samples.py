"""Phrases of real dialogues on their way to teach the robot, and the models that learned from them.

``samples`` is the one place of training data: a scenario's own examples, phrases the robot failed on (candidates), and
what a person made of them. One labelled phrase in ``HELD_BACK`` is never trained on: models are compared on those.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from recordings.contacts.call import Outcome
from recordings.database import insert_once
from recordings.tables import CallRow, ChatRow, IntentModelRow, MessageRow, SampleRow, TurnRow
from speech.recognition.words import Speaker
from speech.text.tokens import tokens

HELD_BACK = 4
"""One labelled phrase in so many is kept for comparing models."""
FEWEST_WORDS = 2
LONGEST_PHRASE = 500
"""Letters, as the table takes them; a longer phrase teaches nothing."""
UNCLEAR = "unclear"
"""Label of a turn that fitted nothing."""
PERSON = "person"
NONE_OF_OURS = "none"
"""Label a person types for a phrase that belongs to no intent."""


class SampleState(StrEnum):
    CANDIDATE = "candidate"
    LABELLED = "labelled"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Why a phrase is among the samples."""

    UNCLEAR = "unclear"
    """The robot could do nothing with it."""
    HANDED_OVER = "handed_over"
    """The last thing said before a person took over, when it was not the wish for one."""
    TOPIC = "topic"
    """Said in a call of a topic that a person has accepted."""
    SCENARIO = "scenario"
    """An example that the scenario itself gives."""


class ModelState(StrEnum):
    PROPOSED = "proposed"
    RUNNING = "running"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One sample."""

    id: str
    language: str
    text: str
    state: SampleState
    reason: Reason
    times: int
    """How often it was said."""
    guess: str
    """Intent the robot took it for."""
    intent: str | None
    """Its label; None with state ``labelled`` for what is none of ours."""
    held_back: bool
    in_use: bool
    contact: str
    """The call or chat it was first said in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One trained model: how it did against the one that was running."""

    version: str
    language: str
    state: ModelState
    figures: Mapping[str, object]
    created_at: datetime
    promoted_by: str


def gather(db: Session, language: str, *, since: datetime) -> int:
    """Make candidates of what the robot failed on since then; how many are new. Safe to run again."""
    return sum(
        _add_candidate(db, language, *said)
        for said in [*_from_calls(db, language, since), *_from_chats(db, language, since)]
    )


def _from_calls(db: Session, language: str, since: datetime) -> Iterator[tuple[str, str, str, Reason]]:
    here = (CallRow.language == language, CallRow.started_at >= since, CallRow.ended_at.is_not(None))
    spoken = (TurnRow.speaker == Speaker.CALLER, TurnRow.text != "", ~TurnRow.text.startswith("["))
    rows = db.execute(
        select(TurnRow.call_id, TurnRow.text, TurnRow.intent, CallRow.outcome)
        .join(CallRow, CallRow.id == TurnRow.call_id)
        .where(*here, *spoken, TurnRow.engine != "", CallRow.consent)
        .order_by(TurnRow.call_id, TurnRow.number)
    )
    return _failures([(row.call_id, row.text, row.intent, row.outcome) for row in rows])


def _from_chats(db: Session, language: str, since: datetime) -> Iterator[tuple[str, str, str, Reason]]:
    rows = db.execute(
        select(MessageRow.chat_id, MessageRow.text, MessageRow.intent, ChatRow.outcome)
        .join(ChatRow, ChatRow.id == MessageRow.chat_id)
        .where(ChatRow.language == language, ChatRow.started_at >= since, ChatRow.ended_at.is_not(None))
        .where(MessageRow.speaker == Speaker.CALLER, MessageRow.text != "")
        .order_by(MessageRow.chat_id, MessageRow.number)
    )
    return _failures([(row.chat_id, row.text, row.intent, row.outcome) for row in rows])


def _failures(said: Sequence[tuple[str, str, str, str | None]]) -> Iterator[tuple[str, str, str, Reason]]:
    """(contact, text, guess, reason) of the turns that failed; ``said`` is in order, contact by contact."""
    for at, (contact, text, intent, outcome) in enumerate(said):
        last = at + 1 == len(said) or said[at + 1][0] != contact
        before_person = not last and said[at + 1][2] == PERSON
        if intent == UNCLEAR:
            yield contact, text, intent, Reason.UNCLEAR
        elif outcome == Outcome.HANDED_OVER and intent != PERSON and (last or before_person):
            yield contact, text, intent, Reason.HANDED_OVER


def add_topic(
    db: Session, language: str, said: Iterable[tuple[str, str]], *, name: str, intent: str | None, by: str
) -> int:
    """Make samples of what was said in a topic's calls; how many are new.

    Args:
        db: Open transaction.
        language: Of the phrases.
        said: Contact and phrase; one with a private part put out of it teaches nothing and is left out.
        name: The topic's: what a person who labels the candidates sees as the guess.
        intent: Known intent that the topic is; the phrases are labelled with it. None leaves them to be labelled.
        by: Login.
    """
    added = 0
    for contact, text in said:
        phrase = " ".join(text.split())
        if "[" in phrase or not _add_candidate(db, language, contact, phrase, name[:64], Reason.TOPIC):
            continue
        added += 1
        if intent:
            here = (SampleRow.language == language, SampleRow.text == phrase)
            label(db, db.scalars(select(SampleRow.id).where(*here)).one(), intent, by=by)
    return added


def _add_candidate(db: Session, language: str, contact: str, text: str, guess: str, reason: Reason) -> bool:
    phrase = " ".join(text.split())
    words = [word for word in tokens(phrase) if not word.isdecimal()]
    if len(words) < FEWEST_WORDS or len(phrase) > LONGEST_PHRASE:
        return False  # numbers and single words teach nothing, and a number may be somebody's own
    here = (SampleRow.language == language, SampleRow.text == phrase)
    values = _row(language, phrase, SampleState.CANDIDATE, reason) | {"contact": contact, "guess": guess}
    if insert_once(db, SampleRow, values):
        return True
    db.execute(
        update(SampleRow).where(*here, SampleRow.contact != contact).values(times=SampleRow.times + 1, contact=contact)
    )
    return False


def _row(language: str, text: str, state: SampleState, reason: Reason) -> dict[str, object]:
    return {
        "id": str(uuid4()),
        "language": language,
        "text": text,
        "state": state,
        "reason": reason,
        "times": 1,
        "guess": "",
        "intent": None,
        "held_back": False,
        "in_use": False,
        "contact": "",
        "created_at": datetime.now(UTC),
        "labelled_by": "",
    }


def keep_examples(db: Session, language: str, examples: Mapping[str, str | None]) -> None:
    """Make a language's examples (text → intent, None for what is none of ours) the table's; people's labels stay."""
    ours = (SampleRow.language == language, SampleRow.reason == Reason.SCENARIO)
    db.execute(delete(SampleRow).where(*ours))
    for text, intent in examples.items():
        row = _row(language, text[:LONGEST_PHRASE], SampleState.LABELLED, Reason.SCENARIO)
        insert_once(db, SampleRow, row | {"intent": intent, "in_use": True})


def candidates(db: Session, language: str, *, limit: int = 50) -> list[Phrase]:
    """What waits for a label, most often said first."""
    return _phrases(db, language, SampleRow.state == SampleState.CANDIDATE, limit=limit)


def find_samples(db: Session, beginning: str) -> list[Phrase]:
    """Phrases said in dialogues whose id begins so: a person types a few letters of it."""
    wanted = select(SampleRow).where(SampleRow.id.startswith(beginning, autoescape=True))
    return [_phrase(row) for row in db.scalars(wanted.where(SampleRow.reason != Reason.SCENARIO).limit(2))]


def label(db: Session, sample_id: str, intent: str | None, *, by: str) -> Phrase:
    """Say what a phrase means: an intent, or None for none of ours.

    Raises:
        NoResultFound: no such sample.
    """
    row = db.get_one(SampleRow, sample_id)
    row.state, row.intent, row.labelled_by = SampleState.LABELLED, intent, by
    row.held_back = is_held_back(row.text)
    db.flush()
    return _phrase(row)


def reject(db: Session, sample_id: str, *, by: str) -> Phrase:
    """Put a phrase aside for good.

    Raises:
        NoResultFound: no such sample.
    """
    row = db.get_one(SampleRow, sample_id)
    row.state, row.intent, row.labelled_by, row.held_back = SampleState.REJECTED, None, by, False
    db.flush()
    return _phrase(row)


def is_held_back(text: str) -> bool:
    """By the phrase itself, so that relabelling never moves it between training and comparing."""
    return hashlib.sha256(" ".join(tokens(text)).encode()).digest()[0] % HELD_BACK == 0


def labelled(db: Session, language: str) -> list[Phrase]:
    """Everything with a label: the scenario's examples and people's."""
    return _phrases(db, language, SampleRow.state == SampleState.LABELLED)


def intents(db: Session, language: str) -> list[str]:
    """Intents the scenario of a language knows."""
    known = (SampleRow.language == language, SampleRow.reason == Reason.SCENARIO)
    return [
        intent
        for intent in db.scalars(select(SampleRow.intent).where(*known).distinct().order_by(SampleRow.intent))
        if intent
    ]


def languages(db: Session) -> list[str]:
    """Languages that some scenario speaks."""
    return [*db.scalars(select(SampleRow.language).where(SampleRow.reason == Reason.SCENARIO).distinct())]


def keep_model(db: Session, *, version: str, language: str, figures: Mapping[str, object]) -> ModelCard:
    """Write a proposed model down; one that is known gets its new figures."""
    values = {"version": version, "language": language, "state": ModelState.PROPOSED, "created_at": datetime.now(UTC)}
    insert_once(db, IntentModelRow, values | {"figures": dict(figures), "promoted_at": None, "promoted_by": ""})
    db.execute(update(IntentModelRow).where(IntentModelRow.version == version).values(figures=dict(figures)))
    return _card(db.scalars(select(IntentModelRow).where(IntentModelRow.version == version)).one())


def find_model(db: Session, version: str) -> ModelCard | None:
    row = db.get(IntentModelRow, version)
    return _card(row) if row else None


def models(db: Session, language: str) -> list[ModelCard]:
    """Newest first."""
    wanted = select(IntentModelRow).where(IntentModelRow.language == language)
    return [_card(row) for row in db.scalars(wanted.order_by(IntentModelRow.created_at.desc()))]


def promote(db: Session, card: ModelCard, sample_ids: Sequence[str], *, by: str) -> None:
    """Make a model the running one: robots learn exactly these people's phrases besides the scenario's own."""
    theirs = (SampleRow.language == card.language, SampleRow.reason != Reason.SCENARIO)
    db.execute(update(SampleRow).where(*theirs).values(in_use=False))
    for sample_id in sample_ids:
        db.execute(update(SampleRow).where(SampleRow.id == sample_id).values(in_use=True))
    running = (IntentModelRow.language == card.language, IntentModelRow.state == ModelState.RUNNING)
    db.execute(update(IntentModelRow).where(*running).values(state=ModelState.RETIRED))
    promoted = {"state": ModelState.RUNNING, "promoted_at": datetime.now(UTC), "promoted_by": by}
    db.execute(update(IntentModelRow).where(IntentModelRow.version == card.version).values(**promoted))


def _phrases(db: Session, language: str, condition: ColumnElement[bool], *, limit: int | None = None) -> list[Phrase]:
    wanted = select(SampleRow).where(SampleRow.language == language, condition)
    return [_phrase(row) for row in db.scalars(wanted.order_by(SampleRow.times.desc(), SampleRow.text).limit(limit))]


def _phrase(row: SampleRow) -> Phrase:
    return Phrase(
        id=row.id,
        language=row.language,
        text=row.text,
        state=SampleState(row.state),
        reason=Reason(row.reason),
        times=row.times,
        guess=row.guess,
        intent=row.intent,
        held_back=row.held_back,
        in_use=row.in_use,
        contact=row.contact,
    )


def _card(row: IntentModelRow) -> ModelCard:
    return ModelCard(
        version=row.version,
        language=row.language,
        state=ModelState(row.state),
        figures=row.figures,
        created_at=row.created_at,
        promoted_by=row.promoted_by,
    )
