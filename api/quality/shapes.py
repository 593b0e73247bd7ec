"""What the JSON interface takes and gives of evaluations and automatic scores."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.kit.shapes import Moment, Shape
from recordings.quality.evaluation import EvaluationState


class EvaluationQuery(BaseModel):
    """Filters and page of the list. An empty value does not filter."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    agent: str = Field(default="", max_length=64)
    """Endpoint, as `PJSIP/101`. An agent gets their own evaluations whatever is asked."""
    evaluator: str = Field(default="", max_length=64)
    state: EvaluationState | None = None
    since: Moment = None
    """Begun at this moment or later (ISO 8601 with zone)."""
    until: Moment = None
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=500)


class AnswerOut(Shape):
    """What one item got."""

    answer: str
    """`yes` or `no`, a number 0..5, the name of a choice, `na`; empty while nobody has said."""
    automatic: str
    """What the rule said; empty for items without a rule."""
    comment: str
    start: float | None
    """Seconds from the start of the recording: with `end` the sound that proves it."""
    end: float | None
    quote: str


class EvaluationOut(Shape):
    """A person's score of one call."""

    id: str
    call: str
    """Id of the call, or of the recording that has none."""
    scorecard: str
    """Version."""
    evaluator: str
    agent: str
    state: EvaluationState
    score: float | None
    """0..100 as submitted; null where no item applies."""
    result: float | None
    """What counts: after a settled appeal it may differ."""
    answers: dict[str, AnswerOut]
    """By item, as submitted."""
    standing: dict[str, AnswerOut]
    """By item, as they count."""
    comment: str
    appeal: str
    decision: str
    decided_by: str
    created_at: datetime
    submitted_at: datetime | None
    settled_at: datetime | None


class EvaluationsOut(Shape):
    """One page of evaluations, newest first."""

    total: int
    evaluations: tuple[EvaluationOut, ...]


class ScoreOut(Shape):
    """What the automatic items of a scorecard make of a call."""

    scorecard: str
    """Version."""
    score: float | None
    """0..100; null where no item applies."""
    answers: dict[str, AnswerOut]
    created_at: datetime
