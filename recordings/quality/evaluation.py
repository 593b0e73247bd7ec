"""An evaluation: what somebody, or a rule, says of each item of a scorecard, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

YES, NO, NOT_APPLICABLE = "yes", "no", "na"


class EvaluationState(StrEnum):
    DRAFT = "draft"
    """Only its evaluator sees it."""
    SUBMITTED = "submitted"
    """Locked; the agent reads it."""
    ACKNOWLEDGED = "acknowledged"
    """The agent has taken note."""
    APPEALED = "appealed"
    """The agent disagrees; it does not count until a supervisor has decided."""
    SETTLED = "settled"
    """Decided after an appeal: what counts is the settled score."""


COUNTED = (EvaluationState.SUBMITTED, EvaluationState.ACKNOWLEDGED, EvaluationState.SETTLED)
"""States in which a score counts in figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one item got."""

    answer: str
    """``yes`` or ``no``, a number 0..5, the name of a choice, ``na``; empty while nobody has said."""
    comment: str = ""
    start: float | None = None
    """Seconds from the start of the recording: with ``end`` the sound that proves it; None where none was named."""
    end: float | None = None
    quote: str = ""
    automatic: str = ""
    """Answer of the rule; where ``answer`` differs, a person has overridden it. Empty for items without a rule."""

    @property
    def overridden(self) -> bool:
        return bool(self.automatic) and self.answer != self.automatic

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A person's score of one call."""

    id: str
    recording_id: str
    contact_id: str
    """Id in the address of the call's page: the call, or the recording that has none."""
    scorecard: str
    """Version."""
    evaluator: str
    """Login."""
    agent: str
    """Endpoint; empty where the robot held the call alone."""
    state: EvaluationState
    calibration: str = ""
    draw_id: str | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """By name of the item."""
    score: float | None = None
    """0..100 as submitted; None where no item applies, and before."""
    settled_answers: Mapping[str, Answer] = field(default_factory=dict)
    settled_score: float | None = None
    comment: str = ""
    appeal: str = ""
    decision: str = ""
    decided_by: str = ""
    created_at: datetime
    submitted_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def result(self) -> float | None:
        """The score that counts."""
        return self.settled_score if self.state is EvaluationState.SETTLED else self.score

    @property
    def standing(self) -> Mapping[str, Answer]:
        """The answers that count."""
        return self.settled_answers if self.state is EvaluationState.SETTLED else self.answers


def answers_of(body: Mapping[str, Mapping[str, Any]]) -> dict[str, Answer]:
    """Answers as they are stored; what this version does not know is left out."""
    known = Answer.__dataclass_fields__
    return {item: Answer(**{k: v for k, v in row.items() if k in known}) for item, row in body.items()}
