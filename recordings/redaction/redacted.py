"""The copy of a contact that everyone sees by default: words without private parts, numbers masked.

A recording's words come from its ``RedactionRow``, which was made with the whole conversation in view. What has none,
live words and chats among it, is redacted here, text by text. A customer's name on their card stays: who serves people
has to know whom. What is said, quoted or summed up does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from recordings.contacts.call import Call, Callback, Customer, Recording, Turn
from recordings.contacts.chat import Chat, Message, PastContact
from recordings.results.finding import Evidence, Finding
from speech.recognition.words import Speaker, Transcript, Utterance
from speech.redaction.masks import masked as masked
from speech.redaction.masks import masked_email as masked_email
from speech.redaction.masks import masked_filename
from speech.redaction.redaction import redact_text

LINE = 500
"""Characters up to which thousands of redacted texts are kept at hand; of longer ones hundreds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """What a recording's redaction says: its words, and where its sound is private."""

    transcript: Transcript
    spans: tuple[Mapping[str, Any], ...]
    """``kind``, ``utterance``, ``channel``, ``start`` and ``end`` of each."""


def hide(text: str, language: str) -> str:
    """The text with a placeholder for each private part."""
    if not text:
        return text
    return (_hide_line if len(text) <= LINE else _hide_page)(text, language)


# what is kept is bounded in characters, not in texts alone: strangers write as long ones as they may
_hide_line = lru_cache(maxsize=20_000)(redact_text)
_hide_page = lru_cache(maxsize=500)(redact_text)


def shown_filename(filename: str, call_id: str | None) -> str:
    """Name of a recording's file for everyone; those we name ourselves, by the call's id, stay."""
    return filename if call_id and filename.startswith(f"{call_id}.") else masked_filename(filename)


def hide_recording(recording: Recording) -> Recording:
    return replace(recording, filename=shown_filename(recording.filename, recording.call_id))


def hide_transcript(transcript: Transcript) -> Transcript:
    """Utterance by utterance; one that held something private keeps its time and loses those of its words."""
    return replace(
        transcript, utterances=tuple(_utterance(said, transcript.language) for said in transcript.utterances)
    )


def hide_turn(turn: Turn, language: str) -> Turn:
    text = hide(turn.text, language)
    return turn if text == turn.text else replace(turn, text=text, words=())


def hide_call(call: Call) -> Call:
    return replace(call, caller_number=masked(call.caller_number), summary=hide(call.summary, call.language))


def hide_customer(card: Customer) -> Customer:
    phone, email = card.phone and masked(card.phone), card.email and masked_email(card.email)
    return replace(card, phone=phone, email=email)


def hide_callback(callback: Callback, language: str) -> Callback:
    """Of a call's history; who has to ring back sees the number in the list of call-backs."""
    return replace(callback, phone=masked(callback.phone), reason=hide(callback.reason, language))


def hide_reason(callback: Callback, *, numbers: bool) -> Callback:
    """Without what was said in either language; with the number only for who has to ring back, ``numbers``."""
    phone = callback.phone if numbers else masked(callback.phone)
    return replace(callback, phone=phone, reason=hide(hide(callback.reason, "ru"), "en"))


def hide_past(contact: PastContact, *, numbers: bool) -> PastContact:
    """A line of a customer's history, with the number of an open call-back as ``hide_reason`` has it."""
    callback = hide_reason(contact.callback, numbers=numbers) if contact.callback else None
    return replace(contact, summary=hide(contact.summary, contact.language), callback=callback)


def hide_chat(chat: Chat) -> Chat:
    return replace(chat, address="", summary=hide(chat.summary, chat.language), state={})


def hide_message(message: Message, language: str) -> Message:
    return replace(message, text=hide(message.text, language))


def hide_findings(findings: Iterable[Finding], redacted: Redacted | None, language: str) -> tuple[Finding, ...]:
    """Findings whose quotes say no more than the redacted words do."""
    return tuple(
        replace(finding, evidence=hide_evidence(finding.evidence, redacted, language, finding.speaker))
        for finding in findings
    )


def hide_evidence(evidence: Evidence, redacted: Redacted | None, language: str, speaker: str = "") -> Evidence:
    """A quote as the redacted words of the same seconds have it; without a redaction, hidden by itself."""
    if not evidence.quote:
        return evidence
    if redacted is None:
        return replace(evidence, quote=hide(evidence.quote, language))
    if not any(span["start"] < evidence.end and span["end"] > evidence.start for span in redacted.spans):
        return evidence
    said = [
        word
        for utterance in redacted.transcript.utterances
        if speaker in ("", Speaker.UNKNOWN, utterance.speaker)
        for word in _within(utterance, evidence)
    ]
    return replace(evidence, quote=hide(" ".join(said), language))


def _within(utterance: Utterance, evidence: Evidence) -> Sequence[str]:
    """What of an utterance lies in the seconds of a finding."""
    if not utterance.words:
        return [utterance.text] if utterance.start < evidence.end and utterance.end > evidence.start else []
    return [word.text for word in utterance.words if evidence.start <= (word.start + word.end) / 2 <= evidence.end]


def _utterance(said: Utterance, language: str) -> Utterance:
    text = hide(said.text, language)
    spoken = " ".join(word.text for word in said.words)
    if text == said.text and (spoken == text or hide(spoken, language) == spoken):
        return said
    return replace(said, text=text, words=())
