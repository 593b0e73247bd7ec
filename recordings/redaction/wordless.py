"""A contact without its words: what was said, written or quoted goes from every table, that it was and when stays.

One list for whoever has to forget words: somebody who does not want to be recorded, and the policy when their time is
over. ``tests/recordings/privacy/test_every_table.py`` holds it to all tables there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from recordings.redaction.shown_names import mask_names
from recordings.tables import (
    AlertRow,
    CallbackRow,
    CallRow,
    ChatRow,
    CoachingNoteRow,
    DeliveryRow,
    EvaluationRow,
    FindingRow,
    MeaningRow,
    MessageRow,
    OutboxRow,
    RecordingRow,
    RedactionRow,
    SampleRow,
    SentimentSampleRow,
    SurveyRow,
    TopicCallRow,
    TranscriptRow,
    TurnRow,
)

KEPT_OF_MEANING = ("version", "sentiments", "reason", "reason_confidence", "outcome")
"""Fields of a call's meaning that are figures; all else quotes it."""
SAID_IN_FACTS = ("ticket.problem", "question.text")
"""Facts of a wish that are the caller's own words."""
WITHHELD = "—"
"""Instead of words that a company's own system insists on."""

Blank = Mapping[str, Any]
Place = tuple[Any, Any, Blank]
"""Table, its column that names the contact, and what stands in place of words."""

OF_CALL: tuple[Place, ...] = (
    (TurnRow, TurnRow.call_id, {"text": "", "words": [], "confidence": None, "intent": ""}),
    (CallRow, CallRow.id, {"summary": "", "facts": {}}),
    (CallbackRow, CallbackRow.call_id, {"reason": ""}),
    (SurveyRow, SurveyRow.call_id, {"comment": ""}),
)
OF_CHAT: tuple[Place, ...] = (
    (MessageRow, MessageRow.chat_id, {"text": "", "confidence": None, "intent": ""}),
    (ChatRow, ChatRow.id, {"summary": "", "facts": {}, "state": {}}),
    (CallbackRow, CallbackRow.chat_id, {"reason": ""}),
    (SurveyRow, SurveyRow.chat_id, {"comment": ""}),
)
OF_RECORDING: tuple[Place, ...] = (
    (FindingRow, FindingRow.recording_id, {"quote": ""}),
    (TopicCallRow, TopicCallRow.recording_id, {"quote": ""}),
    (AlertRow, AlertRow.recording_id, {"quote": ""}),
    (CoachingNoteRow, CoachingNoteRow.recording_id, {"text": ""}),
    (EvaluationRow, EvaluationRow.recording_id, {"comment": "", "appeal": "", "decision": ""}),
    (SentimentSampleRow, SentimentSampleRow.recording_id, {"recording_id": None}),
)
"""A corrected sentiment stays, as a phrase without private parts that nobody said."""


def forget_words(
    db: Session, *, calls: Collection[str] = (), chats: Collection[str] = (), recordings: Collection[str] = ()
) -> None:
    """Forget what was said in these contacts."""
    for places, ids in ((OF_CALL, calls), (OF_CHAT, chats), (OF_RECORDING, recordings)):
        for table, column, blank in places if ids else ():
            db.execute(update(table).where(column.in_(ids)).values(**blank))
    contacts = [*calls, *chats, *recordings]
    alerts = select(AlertRow.id).where(or_(AlertRow.contact_id.in_(contacts), AlertRow.recording_id.in_(recordings)))
    db.execute(update(AlertRow).where(AlertRow.id.in_(alerts)).values(quote=""))
    _rewrite(db, DeliveryRow, DeliveryRow.alert_id.in_(alerts), "body", lambda body: {**body, "quote": ""})
    _rewrite(db, OutboxRow, OutboxRow.contact.in_(contacts), "body", _wish)
    _rewrite(db, TranscriptRow, TranscriptRow.recording_id.in_(recordings), "body", _transcript)
    db.execute(update(TranscriptRow).where(TranscriptRow.recording_id.in_(recordings)).values(text=""))
    _rewrite(db, MeaningRow, MeaningRow.recording_id.in_(recordings), "body", _meaning)
    db.execute(delete(RedactionRow).where(RedactionRow.recording_id.in_(recordings)))
    for answers in ("answers", "settled_answers"):
        _rewrite(db, EvaluationRow, EvaluationRow.recording_id.in_(recordings), answers, _answers)
    mask_names(db, recordings)  # the older a name, the older the rules by which it was masked
    named = RecordingRow.id.in_(recordings)
    db.execute(update(RecordingRow).where(named).values(filename=RecordingRow.shown_name))
    nobody_elses = SampleRow.contact.in_(contacts), SampleRow.times <= 1, SampleRow.state != "labelled"
    db.execute(delete(SampleRow).where(*nobody_elses))
    db.execute(update(SampleRow).where(SampleRow.contact.in_(contacts)).values(contact=""))


def has_words(places: tuple[Place, ...], contact: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a table of these still holds words of the contact whose id the column gives."""
    found: list[ColumnElement[bool]] = []
    for table, column, blank in places:
        texts = [getattr(table, name) != "" for name, empty in blank.items() if empty == "" and name != "intent"]
        if table is contact.class_:
            found += texts
        elif texts:
            found.append(exists().where(column == contact, or_(*texts)).correlate(contact.class_))
    return or_(*found)


def without_words(facts: Mapping[str, str]) -> dict[str, str]:
    """The facts of a wish as they may be kept of somebody who does not want their words to be."""
    return {name: WITHHELD if name in SAID_IN_FACTS and value else value for name, value in facts.items()}


def refused(db: Session, contact: str) -> bool:
    """Whether the caller or the visitor of a contact does not want their words to be kept."""
    consents = [db.scalar(select(table.consent).where(table.id == contact)) for table in (CallRow, ChatRow)]
    return False in consents


def _rewrite(db: Session, table: Any, which: ColumnElement[bool], column: str, change: Callable[[Any], Any]) -> None:
    for row in db.scalars(select(table).where(which)):
        setattr(row, column, change(getattr(row, column)))
    db.flush()


def _wish(body: Mapping[str, Any]) -> dict[str, Any]:
    return {**body, "facts": without_words(body.get("facts", {}))}


def _transcript(body: Mapping[str, Any]) -> dict[str, Any]:
    return {**body, "utterances": []}


def _meaning(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in KEPT_OF_MEANING if name in body}


def _answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The marks stay; what somebody wrote beside them quotes the call."""
    return {
        item: {**answer, "comment": ""} if isinstance(answer, dict) and "comment" in answer else answer
        for item, answer in answers.items()
    }
