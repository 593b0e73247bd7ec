"""What the JSON interface gives of figures."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict


class FigureOut(BaseModel):
    """One number: a share 0..1, seconds or a count; null where there is nothing to divide by."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    value: float | None
    n: int
    """Calls it is taken over."""
    hits: int | None
    low: float | None
    """95 % Wilson interval of a share."""
    high: float | None


class ComparedOut(FigureOut):
    before: float | None
    """In the period before."""
    before_n: int
    changed: bool | None
    """Whether a share differs from before by more than chance."""


class GroupOut(BaseModel):
    name: str
    figures: list[FigureOut]


class StaffingOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    people: int
    scheduled: int
    service_level: float
    occupancy: float
    waiting: float | None
    abandoned: float


class SlotOut(BaseModel):
    at: datetime
    expected: float
    low: float | None
    high: float | None
    staffing: StaffingOut | None


class FiguresOut(BaseModel):
    """``figures`` of the whole period, ``groups`` by what the address asks for, ``heat`` of 7 days × 24 hours."""

    since: datetime
    until: datetime
    by: str
    figures: list[ComparedOut]
    groups: list[GroupOut]
    transfers: dict[str, int]
    heat: list[list[int]]
    day: date
    """That ``slots`` plan people for."""
    slots: list[SlotOut]


class BehindOut(BaseModel):
    total: int
    calls: list[str]
