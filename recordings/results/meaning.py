"""What the models made of a transcript: kept beside it, slow to compute and often read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from recordings.results.finding import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Something somebody said they would do, as "перезвоним завтра"."""

    kind: str
    """callback | delivery | refund | letter | check | visit | other"""
    speaker: str
    due: str
    """ISO 8601 date or moment it was promised for; empty where none was said."""
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A thing that was talked about."""

    kind: str
    """order | product | date | time | money | phone | address"""
    value: str
    """As ``speech.slots.slots`` writes it: digits, ISO dates, ``1990.00 RUB``."""
    speaker: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMeaning:
    """One transcript, understood."""

    version: str
    """Version of the models and rules that made it: 12 hex digits."""
    sentiments: tuple[float | None, ...] = ()
    """Sentiment of each utterance of the transcript, -1..1; None where it is the robot's or says nothing."""
    reason: str = ""
    """Intent the call was about; empty where none of the known ones is."""
    reason_confidence: float = 0.0
    reason_evidence: Evidence | None = None
    """Where the caller says it: also of a reason that no intent knows, so that topics can be found in it."""
    outcome: str = ""
    """resolved | promised | unresolved | unclear"""
    outcome_evidence: Evidence | None = None
    promises: tuple[Promise, ...] = ()
    entities: tuple[Entity, ...] = ()
    summary: tuple[Evidence, ...] = ()
    """Extractive: the utterances that tell most, by time."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> CallMeaning:
        """Inverse of ``to_json``; what this version does not know is left out."""

        def evidence(row: Mapping[str, Any] | None) -> Evidence | None:
            return Evidence(**row) if row else None

        def proven(rows: Any) -> list[dict[str, Any]]:
            return [{**row, "evidence": Evidence(**row["evidence"])} for row in rows]

        return cls(
            version=body["version"],
            sentiments=tuple(body.get("sentiments", ())),
            reason=body.get("reason", ""),
            reason_confidence=body.get("reason_confidence", 0.0),
            reason_evidence=evidence(body.get("reason_evidence")),
            outcome=body.get("outcome", ""),
            outcome_evidence=evidence(body.get("outcome_evidence")),
            promises=tuple(Promise(**row) for row in proven(body.get("promises", ()))),
            entities=tuple(Entity(**row) for row in proven(body.get("entities", ()))),
            summary=tuple(Evidence(**row) for row in body.get("summary", ())),
        )
