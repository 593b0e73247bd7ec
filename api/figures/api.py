"""Figures for programs: the same numbers as the page, with the definitions' terms in the address."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api.figures.shapes import BehindOut, ComparedOut, FigureOut, FiguresOut, GroupOut, SlotOut, StaffingOut
from api.figures.view import Report, asked_for, calls_behind, report
from api.kit.days import zone
from api.kit.deps import Db, needs
from api.kit.problems import described
from api.kit.roles import Permission
from recordings.kpi.forecast import Slot
from recordings.kpi.groups import BREAKDOWNS

router = APIRouter(
    prefix="/api/figures",
    tags=["figures"],
    dependencies=[Depends(needs(Permission.CALLS))],
    responses=described(
        s401="Neither a log-in nor a valid API token",
        s403="The role does not allow it",
        s422="Wrong fields of the request; `errors` names them",
    ),
)


def query_terms(
    since: Annotated[str, Query(description="First day, as 2026-11-01")] = "",
    until: Annotated[str, Query(description="Last day, included")] = "",
    by: Annotated[str, Query(description=", ".join(BREAKDOWNS))] = "day",
    time_zone: Annotated[
        str, Query(alias="zone", description="IANA name, as Europe/Moscow; empty: the company's")
    ] = "",
    repeat_days: float = 7.0,
    short: Annotated[float, Query(description="Seconds below which leaving the line does not count")] = 5.0,
    share: Annotated[float, Query(description="Wanted service level, %")] = 80.0,
    seconds: Annotated[float, Query(description="Within so many seconds")] = 20.0,
) -> None:
    """Documents the address; ``asked_for`` reads it."""


@router.get("", dependencies=[Depends(query_terms)])
def show_figures(request: Request, db: Db) -> FiguresOut:
    """Figures of a period, by day unless asked otherwise. `language`, `team`, `queue` … filter."""
    asked = asked_for(request.query_params, zone(request.query_params.get("zone", "")), datetime.now(UTC))
    found: Report = report(db, asked)
    return FiguresOut(
        since=asked.days.since.astimezone(UTC),
        until=asked.days.until.astimezone(UTC),
        by=asked.by,
        figures=[
            ComparedOut(
                **FigureOut.model_validate(pair.now).model_dump(),
                before=pair.before.value,
                before_n=pair.before.n,
                changed=pair.changed,
            )
            for pair in found.figures
        ],
        groups=[
            GroupOut(name=group.name, figures=[FigureOut.model_validate(figure) for figure in group.figures.values()])
            for group in found.groups
        ],
        transfers=dict(found.transfers),
        heat=found.heat.tolist(),
        day=asked.day,
        slots=[_slot(slot) for slot in found.slots],
    )


@router.get("/calls", dependencies=[Depends(query_terms)])
def show_calls(
    request: Request,
    db: Db,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> BehindOut:
    """Ids of the calls behind a figure: `figure` and `part` (hits, rest), `name` of a group, `transfer`, …"""
    asked = asked_for(request.query_params, zone(request.query_params.get("zone", "")), datetime.now(UTC))
    found = calls_behind(db, asked, request.query_params)
    return BehindOut(total=len(found), calls=found[offset : offset + limit])


def _slot(slot: Slot) -> SlotOut:
    people = slot.staffing
    return SlotOut(
        at=slot.at.astimezone(UTC),
        expected=slot.expected,
        low=slot.low,
        high=slot.high,
        staffing=StaffingOut(
            people=people.people,
            scheduled=people.scheduled,
            service_level=people.service_level,
            occupancy=people.occupancy,
            waiting=people.waiting if isfinite(people.waiting) else None,
            abandoned=people.abandoned,
        )
        if people
        else None,
    )
