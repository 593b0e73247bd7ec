"""The page of figures, and the list of calls behind each of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from urllib.parse import urlencode

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal
from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from api.figures.view import Asked, asked_for, calls_behind, report
from api.kit import auth
from api.kit.days import zone_of
from api.kit.deps import Database, Db, needs
from api.kit.links import address_of
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission
from api.kit.translations import choose, phrases, say
from api.kit.wording import clock
from recordings.calls.listing import Wanted, list_contacts
from recordings.database import reading, transaction
from recordings.errors import ExportTooLarge
from recordings.exports.exports import DATASETS
from recordings.exports.exports import Wanted as Exported
from recordings.exports.files import FORMATS, MEDIA, write_file
from recordings.kpi.groups import BREAKDOWNS
from recordings.kpi.kpi import DURATIONS, NAMES, SHARES
from recordings.kpi.rows import BY_INTENT, GROUPS
from recordings.privacy import audit

PAGE_SIZE = 50
NOTHING = "\N{EM DASH}"
TERMS = ("repeat_days", "short", "share", "seconds")
PLAN = ("day", "weeks", "handling", "patience", "shrinkage")
KEPT = ("since", "until", "by", *GROUPS, *TERMS, *PLAN)
"""Names of the address that every link of the page carries on."""
BEHIND = ("figure", "part", "name", "transfer", "weekday", "hour")
COLUMNS = ("calls", "containment", "contained_resolution", "first_contact", "repeats", "handling", "waiting_median",
           "abandonment", "service_level", "csat")  # fmt: skip
"""Figures of the breakdown's table."""

Reader = Annotated[auth.User, Depends(needs(Permission.CALLS))]
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
        when_day=partial(_day, language),
        given=given,
        found=found,
        kinds={name: "share" if name in SHARES else "time" if name in DURATIONS else "count" for name in NAMES},
        columns=COLUMNS,
        breakdowns=BREAKDOWNS,
        filters=GROUPS,
        names=partial(group_name, language),
        reason=partial(transfer_name, language),
        figure=partial(written, language),
        number=partial(_number, language),
        day_name=partial(_day_name, language),
        hour_of=lambda at: format_time(at.astimezone(asked.here), "HH:mm", locale=language),
        behind=partial(_link, "/figures/calls", given),
        link=partial(_link, "/figures", given),
        export=partial(_link, "/figures/export", given),
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
    offset = request.query_params.get("offset", "")
    start = int(offset) if offset.isdecimal() and len(offset) < 9 else 0
    page = list_contacts(db, Wanted(ids=tuple(ids[start : start + PAGE_SIZE])), limit=PAGE_SIZE)
    language = choose(viewer.language, "")
    return render(
        request,
        "figures/calls.html",
        viewer,
        section="figures",
        asked=asked,
        when_day=partial(_day, language),
        chosen=chosen,
        title=_title(language, asked, chosen),
        page=page,
        total=len(ids),
        start=start,
        size=PAGE_SIZE,
        link=partial(_link, "/figures/calls", {**given, **chosen}),
        back=_link("/figures", given),
        here=address_of(request),
    )


@router.get("/figures/export")
def download(request: Request, engine: Database, viewer: Reader, what: str = "", form: str = "csv") -> Response:
    """A table of the period as a file; who took it is written down."""
    if what not in DATASETS or form not in FORMATS:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no export {what!r} as {form!r}.")
    given, asked = _asked(request)
    wanted = Exported(since=asked.since, until=asked.until, language=given.get("language", ""))
    name = f"otklik-{what}-{asked.first}-{asked.last}.{form}"
    with ExitStack() as held:  # the file goes when it is sent, or at once when it cannot be made
        folder = Path(held.enter_context(TemporaryDirectory(prefix="otklik-export-")))
        path = folder / name
        try:
            with reading(engine) as db:
                count = write_file(path, form, DATASETS[what].columns, DATASETS[what].rows(db, wanted), bom=True)
        except ExportTooLarge as problem:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, problem.code, str(problem)) from None
        with transaction(engine) as db:
            detail = {"format": form, "since": str(asked.first), "until": str(asked.last), "rows": count}
            audit.note(db, viewer.login, "export.made", what, detail)
        sent = BackgroundTask(held.pop_all().close)
    return FileResponse(path, media_type=MEDIA[form], filename=name, background=sent)


def written(language: str, kind: str, value: float | None) -> str:
    """A value the way people read it; a dash where there is none."""
    if value is None:
        return NOTHING
    if kind == "share":
        return f"{format_decimal(round(value * 100, 1), '0.#', locale=language)}\N{NO-BREAK SPACE}%"
    return clock(value) if kind == "time" else format_decimal(round(value), locale=language)


def group_name(language: str, by: str, name: str) -> str:
    """Name of a line of a breakdown."""
    if by == "day":
        day = datetime.fromisoformat(name)
        return f"{format_date(day, 'EE', locale=language)}, {format_skeleton('MMMd', day, locale=language)}"
    if by == "hour":
        return f"{name}:00"
    if not name:
        return say(language, f"figures.without.{by}")
    known = phrases(language).get(f"language.{name}" if by == "language" else f"figures.reasons.{name}")
    return known if isinstance(known, str) else name.replace("_", " ")


def transfer_name(language: str, name: str) -> str:
    """Why a call was handed over."""
    if name.startswith(BY_INTENT):
        return say(language, "figures.last_intent", intent=name.removeprefix(BY_INTENT).replace("_", " "))
    known = phrases(language).get(f"figures.transfer.{name}")
    return known if isinstance(known, str) else name.replace("_", " ")


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
        words.append(f"{_day_name(language, int(chosen['weekday']))}, {int(chosen['hour']):02}:00")
    return words


def _sane(by: str, name: str) -> bool:
    if by != "day":
        return True
    try:
        datetime.fromisoformat(name)
    except ValueError:
        return False
    return True


def _day_name(language: str, weekday: int) -> str:
    """Short name of a day of the week; 0 is Monday."""
    return format_date(datetime(2026, 6, 1 + weekday, tzinfo=UTC), "EE", locale=language)


def _day(language: str, day: date) -> str:
    return format_date(day, "d MMM y", locale=language)


def _number(language: str, value: float) -> str:
    return format_decimal(value, "0.#", locale=language)


def _asked(request: Request) -> tuple[dict[str, str], Asked]:
    given = {name: value.strip() for name, value in request.query_params.items() if name in KEPT and value.strip()}
    here = zone_of(request)
    return given, asked_for(given, here, datetime.now(UTC))


def _link(page: str, given: Mapping[str, str], **changes: object) -> str:
    """An address that keeps what was asked for; None takes a name out."""
    pairs = {**given, **changes}
    query = urlencode({name: value for name, value in pairs.items() if value is not None})
    return f"{page}?{query}" if query else page
