"""Pages of what callers ask that nobody has taught the robot, and of where they give up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.kit import auth
from api.kit.days import Days, days_of, zone_of
from api.kit.deps import Database, Db, Editor, Reader, Web, own_form
from api.kit.links import asked_of, contact_link, link
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission
from api.kit.translations import LANGUAGES
from api.operations import topics as operations
from recordings.announce import announce_job
from recordings.jobs import GOING_ON, list_jobs
from recordings.kpi import bottlenecks
from recordings.kpi.bottlenecks import TROUBLES, Period
from recordings.learning import samples, topics
from recordings.learning.topics import SHOWN, Topic

WEEKS = 8
"""Weeks of the period where the address names none."""
LONGEST = 366
"""Days of a period."""
FEW = 20
"""Visits below which a share says little: it is greyed."""

router = APIRouter(prefix="/topics", include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The period and the language of the address."""

    days: Days
    language: str

    @property
    def period(self) -> Period:
        return Period(since=self.days.since, until=self.days.until, language=self.language)

    @property
    def query(self) -> dict[str, str]:
        return {"since": str(self.days.first), "until": str(self.days.last), "language": self.language}


@router.get("")
def show_topics(request: Request, db: Db, viewer: Reader) -> Response:
    """Topics with their growth, and bottlenecks, of the period in the address."""
    asked = _asked(request)
    found = topics.list_topics(db, since=asked.days.since, until=asked.days.until, language=asked.language)
    return _page(
        request,
        "topics/topics.html",
        viewer,
        asked,
        topics=found,
        highest=max((calls for topic in found for _, calls in topic.weeks), default=1),
        spots=[spot for spot in bottlenecks.spots(db, asked.period) if any(spot.troubles.values())],
        lines=bottlenecks.lines(db, asked.period),
        troubles=TROUBLES,
        few=FEW,
        languages=sorted({*LANGUAGES, *samples.languages(db)}),
        searching=any(job.state in GOING_ON for job in list_jobs(db, 10, kind="topics")),
        here=link("/topics", asked.query),
    )


@router.get("/where")
def show_where(
    request: Request, db: Db, viewer: Reader, scenario: str = "", node: str = "", trouble: str = "", queue: str = ""
) -> Response:
    """The contacts behind a figure of a node or of a waiting line."""
    asked = _asked(request)
    if not queue and trouble not in TROUBLES:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"No figure is called {trouble!r}.")
    proofs = (
        bottlenecks.line_proofs(db, asked.period, queue)
        if queue
        else bottlenecks.proofs(db, asked.period, scenario=scenario, node=node, trouble=trouble)
    )
    wanted = {"queue": queue} if queue else {"scenario": scenario, "node": node, "trouble": trouble}
    return _page(
        request,
        "topics/where.html",
        viewer,
        asked,
        proofs=proofs,
        scenario=scenario,
        node=node,
        trouble=trouble,
        queue=queue,
        here=link("/topics/where", asked.query, **wanted),
    )


@router.get("/{topic_id}")
def show_topic(request: Request, db: Db, viewer: Reader, topic_id: str) -> Response:
    """One topic: all its calls of the period, week by week."""
    asked = _asked(request)
    topic = _topic(topics.find_topic(db, topic_id, since=asked.days.since, until=asked.days.until), topic_id)
    return _page(
        request,
        "topics/topic.html",
        viewer,
        asked,
        topic=topic,
        highest=max(calls for _, calls in topic.weeks),
        intents=samples.intents(db, topic.language),
        may_edit=viewer.may(Permission.RULES),
        here=link(f"/topics/{quote(topic_id)}", asked.query),
    )


@router.post("/find", dependencies=[Depends(own_form)])
def find(engine: Database, web: Web, viewer: Editor) -> Response:
    """Look for topics now, unless somebody does already."""
    search = operations.order_search(engine, by=viewer.login)
    if search.new:
        announce_job(web.broker, search.job.id)
    return RedirectResponse("/topics", HTTPStatus.SEE_OTHER)


@router.post("/{topic_id}/rename", dependencies=[Depends(own_form)])
def rename(
    engine: Database, viewer: Editor, topic_id: str, name: Annotated[str, Form(max_length=128)] = ""
) -> Response:
    """Give it a name people understand; an empty one changes nothing."""
    if name.strip() and not operations.rename(engine, topic_id, " ".join(name.split()), by=viewer.login):
        raise _unknown(topic_id)
    return _back(topic_id)


@router.post("/{topic_id}/accept", dependencies=[Depends(own_form)])
def accept(
    engine: Database, viewer: Editor, topic_id: str, intent: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """It is one: its phrases go to those that people label, or are labelled at once with a known intent."""
    try:
        known = operations.accept(engine, topic_id, intent=intent, by=viewer.login)
    except ValueError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "unprocessable", str(error)) from error
    if not known:
        raise _unknown(topic_id)
    return _back(topic_id)


@router.post("/{topic_id}/dismiss", dependencies=[Depends(own_form)])
def dismiss(engine: Database, viewer: Editor, topic_id: str) -> Response:
    """It is none: neither it nor what is like it is shown again."""
    if not operations.dismiss(engine, topic_id, by=viewer.login):
        raise _unknown(topic_id)
    return RedirectResponse("/topics", HTTPStatus.SEE_OTHER)


def _page(request: Request, page: str, viewer: auth.User, asked: Asked, **values: Any) -> Response:
    return render(
        request,
        page,
        viewer,
        section="topics",
        asked=asked,
        may_edit=values.pop("may_edit", viewer.may(Permission.RULES)),
        link=lambda page, **wanted: link(page, asked.query, **wanted),
        at=contact_link,
        shown=SHOWN,
        **values,
    )


def _asked(request: Request) -> Asked:
    given = asked_of(request)
    days = days_of(given, zone_of(request), datetime.now(UTC), usual=7 * WEEKS, longest=LONGEST)
    return Asked(days=days, language=given.get("language", "")[:8])


def _topic(found: Topic | None, topic_id: str) -> Topic:
    if found is None:
        raise _unknown(topic_id)
    return found


def _unknown(topic_id: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no topic {topic_id}.")


def _back(topic_id: str) -> Response:
    return RedirectResponse(f"/topics/{quote(topic_id)}", HTTPStatus.SEE_OTHER)
