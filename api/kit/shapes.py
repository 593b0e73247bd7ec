"""What the shapes of several nouns have in common: pydantic models that the JSON interface gives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


Moment = Annotated[datetime | None, AfterValidator(_aware)]
"""A moment of a query; without a zone it is UTC."""


class Shape(BaseModel):
    """Read from values; the words under a field are its description."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True, frozen=True)


class EvidenceOut(Shape):
    """The sound that proves a finding."""

    start: float
    """Seconds from the start of the recording."""
    end: float
    quote: str


class CallbackOut(Shape):
    phone: str
    reason: str
    requested_at: datetime
