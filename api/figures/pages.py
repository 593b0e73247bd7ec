"""The page of figures, and the list of calls behind each of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime
from functools import partial
from http import HTTPStatus

from babel.numbers import format_decimal
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from api.figures.view import Asked, asked_for, calls_behind, report
from api.kit.clock import clock
from api.kit.days import day_of, zone_of
from api.kit.deps import Database, Db, Reader
from api.kit.links import address_of, asked_of, link
from api.kit.paging import PAGE_SIZE, Paging, offset_of
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.translations import choose, label, say
from api.kit.wording import NOTHING, number, short_day, weekday
from api.operations.exports import export_table
from recordings.calls.listing import Wanted, list_contacts
from recordings.errors import ExportTooLarge
from recordings.exports.exports import DATASETS
from recordings.exports.exports import Wanted as Exported
from recordings.exports.files import FORMATS, MEDIA
from recordings.kpi.groups import BREAKDOWNS
from recordings.kpi.kpi import DURATIONS, NAMES, SHARES
from recordings.kpi.rows import BY_INTENT, GROUPS
from speech.temporary_folders import temporary_folder

TERMS = ("repeat_days", "short", "share", "seconds")
PLAN = ("day", "weeks", "handling", "patience", "shrinkage")
KEPT = ("since", "until", "by", *GROUPS, *TERMS, *PLAN)
"""Names of the address that every link of the page carries on."""
BEHIND = ("figure", "part", "name", "transfer", "weekday", "hour")
COLUMNS = ("calls", "containment", "contained_resolution", "first_contact", "repeats", "handling", "waiting_median",
           "abandonment", "service_level", "csat")  # fmt: skip
"""Figures of the breakdown's table."""

router = APIRouter(include_in_schema=False)


@router.get("/figures")
def show_figures(request: Request, db: Db, viewer: Reader) -> Response:
    """All figures of the period in the address."""
    given, asked = _asked(request)
    found = report(db, asked)
    language = choose(viewer.language, "")
    return render(
        request,
        "figures/figures.html",
        viewer,
        section="figures",
        asked=asked,
        given=given,
        found=found,
        kinds={name: "share" if name in SHARES else "time" if name in DURATIONS else "count" for name in NAMES},
        columns=COLUMNS,
        breakdowns=BREAKDOWNS,
        filters=GROUPS,
        names=partial(group_name, language),
        reason=partial(transfer_name, language),
        figure=partial(written, language),
        behind=partial(link, "/figures/calls", given),
        link=partial(link, "/figures", given),
        export=partial(link, "/figures/export", given),
        busiest=int(found.heat.max()) if found.heat.size else 0,
        here=address_of(request),
    )


@router.get("/figures/calls")
def show_calls(request: Request, db: Db, viewer: Reader) -> Response:
    """The calls a number stands for, newest first."""
    given, asked = _asked(request)
    chosen = {name: request.query_params[name][:128] for name in BEHIND if name in request.query_params}
    if "figure" in chosen and chosen["figure"] not in NAMES:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"No figure is called {chosen['figure']!r}.")
    ids = calls_behind(db, asked, {**given, **chosen})
    start = offset_of(request.query_params)
    page = list_contacts(db, Wanted(ids=tuple(ids[start : start + PAGE_SIZE])), limit=PAGE_SIZE)
    language = choose(viewer.language, "")
    return render(
        request,
        "figures/calls.html",
        viewer,
        section="figures",
        asked=asked,
        chosen=chosen,
        title=_title(language, asked, chosen),
        page=page,
        paging=Paging(start=start, total=len(ids)),
        link=partial(link, "/figures/calls", {**given, **chosen}),
        back=link("/figures", given),
        here=address_of(request),
    )


@router.get("/figures/export")
def download(request: Request, engine: Database, viewer: Reader, what: str = "", form: str = "csv") -> Response:
    """A table of the period as a file; who took it is written down."""
    if what not in DATASETS or form not in FORMATS:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no export {what!r} as {form!r}.")
    given, asked = _asked(request)
    wanted = Exported(since=asked.days.since, until=asked.days.until, language=given.get("language", ""))
    name = f"otklik-{what}-{asked.days.first}-{asked.days.last}.{form}"
    with ExitStack() as held:  # the file goes when it is sent, or at once when it cannot be made
        folder = held.enter_context(temporary_folder("export"))
        path = folder / name
        days = str(asked.days.first), str(asked.days.last)
        try:
            export_table(engine, what, path, form=form, wanted=wanted, days=days, by=viewer.login, bom=True)
        except ExportTooLarge as problem:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, problem.code, str(problem)) from None
        sent = BackgroundTask(held.pop_all().close)
    return FileResponse(path, media_type=MEDIA[form], filename=name, background=sent)


def written(language: str, kind: str, value: float | None) -> str:
    """A value the way people read it; a dash where there is none."""
    if value is None:
        return NOTHING
    if kind == "share":
        return f"{number(value * 100, language)}\N{NO-BREAK SPACE}%"
    return clock(value) if kind == "time" else format_decimal(round(value), locale=language)


def group_name(language: str, by: str, name: str) -> str:
    """Name of a line of a breakdown."""
    if by == "day":
        day = date.fromisoformat(name)
        return f"{weekday(day.weekday(), language)}, {short_day(day, language)}"
    if by == "hour":
        return f"{name}:00"
    if not name:
        return say(language, f"figures.without.{by}")
    return label(language, {"reason": "intent"}.get(by, by), name)


def transfer_name(language: str, name: str) -> str:
    """Why a call was handed over."""
    if name.startswith(BY_INTENT):
        return say(language, "figures.last_intent", intent=label(language, "intent", name.removeprefix(BY_INTENT)))
    return label(language, "figures.transfer", name)


def _title(language: str, asked: Asked, chosen: Mapping[str, str]) -> list[str]:
    """What the calls of the list have in common, in words."""
    words = []
    if figure := chosen.get("figure"):
        part = chosen.get("part")
        words.append(say(language, f"figures.name.{figure}"))
        if part in ("hits", "rest"):
            words.append(say(language, f"figures.part.{part}"))
    if "name" in chosen:
        words.append(group_name(language, asked.by, chosen["name"]) if _sane(asked.by, chosen["name"]) else NOTHING)
    if "transfer" in chosen:
        words.append(transfer_name(language, chosen["transfer"]))
    if chosen.get("weekday", "") in tuple("0123456") and chosen.get("hour", "").isdecimal():
        words.append(f"{weekday(int(chosen['weekday']), language)}, {int(chosen['hour']):02}:00")
    return words


def _sane(by: str, name: str) -> bool:
    return by != "day" or day_of(name) is not None


def _asked(request: Request) -> tuple[dict[str, str], Asked]:
    given = {name: value for name, value in asked_of(request).items() if name in KEPT}
    return given, asked_for(given, zone_of(request), datetime.now(UTC))
