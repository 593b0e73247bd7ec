"""Pages of what callers ask that nobody has taught the robot, and of where they give up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from babel.dates import format_skeleton
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.kit import auth
from api.kit.days import zone_of
from api.kit.deps import Database, Db, Web, needs, own_form
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission
from api.kit.translations import LANGUAGES, choose
from recordings.announce import announce_job
from recordings.database import transaction
from recordings.jobs import GOING_ON, list_jobs, start_job
from recordings.kpi import bottlenecks
from recordings.kpi.bottlenecks import TROUBLES, Period
from recordings.learning import samples, topics
from recordings.learning.topics import SHOWN, Topic, TopicState

WEEKS = 8
"""Of the period, where the address names none."""
LONGEST = 366
"""Days of a period."""
MOST_TAUGHT = 200
"""Phrases of an accepted topic that become samples."""
FEW = 20
"""Visits below which a share says little: it is greyed."""

Reader = Annotated[auth.User, Depends(needs(Permission.CALLS))]
Editor = Annotated[auth.User, Depends(needs(Permission.RULES))]
router = APIRouter(prefix="/topics", include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The period and the language of the address."""

    first: date
    last: date
    """Last day of the period, itself in it."""
    language: str
    since: datetime
    until: datetime

    @property
    def period(self) -> Period:
        return Period(since=self.since, until=self.until, language=self.language)

    @property
    def query(self) -> dict[str, str]:
        named = {"since": self.first.isoformat(), "until": self.last.isoformat()}
        return named | ({"language": self.language} if self.language else {})


@router.get("")
def show_topics(request: Request, db: Db, viewer: Reader) -> Response:
    """Topics with their growth, and bottlenecks, of the period in the address."""
    asked = _asked(request)
    found = topics.list_topics(db, since=asked.since, until=asked.until, language=asked.language)
    return _render(
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
        here=_address("/topics", asked),
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
    return _render(
        request,
        "topics/where.html",
        viewer,
        asked,
        proofs=proofs,
        scenario=scenario,
        node=node,
        trouble=trouble,
        queue=queue,
        here=_address("/topics/where", asked, **wanted),
    )


@router.get("/{topic_id}")
def show_topic(request: Request, db: Db, viewer: Reader, topic_id: str) -> Response:
    """One topic: all its calls of the period, week by week."""
    asked = _asked(request)
    topic = _topic(topics.find_topic(db, topic_id, since=asked.since, until=asked.until), topic_id)
    return _render(
        request,
        "topics/topic.html",
        viewer,
        asked,
        topic=topic,
        highest=max(calls for _, calls in topic.weeks),
        intents=samples.intents(db, topic.language),
        may_edit=viewer.may(Permission.RULES),
        here=_address(f"/topics/{quote(topic_id)}", asked),
    )


@router.post("/find", dependencies=[Depends(own_form)])
def find(engine: Database, web: Web, viewer: Editor) -> Response:
    """Look for topics now, unless somebody does already."""
    with transaction(engine) as db:
        busy = any(job.state in GOING_ON for job in list_jobs(db, 10, kind="topics"))
        job = None if busy else start_job(db, "topics", {}, by=viewer.login)
    if job:
        announce_job(web.broker, job.id)
    return RedirectResponse("/topics", HTTPStatus.SEE_OTHER)


@router.post("/{topic_id}/rename", dependencies=[Depends(own_form), Depends(needs(Permission.RULES))])
def rename(engine: Database, topic_id: str, name: Annotated[str, Form(max_length=128)] = "") -> Response:
    """Give it a name people understand; an empty one changes nothing."""
    with transaction(engine) as db:
        if name.strip() and not topics.rename_topic(db, topic_id, " ".join(name.split())):
            raise _unknown(topic_id)
    return _back(topic_id)


@router.post("/{topic_id}/accept", dependencies=[Depends(own_form)])
def accept(
    engine: Database, viewer: Editor, topic_id: str, intent: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """It is one: its phrases go to those that people label, or are labelled at once with a known intent."""
    with transaction(engine) as db:
        topic = _topic(_whole(db, topic_id), topic_id)
        if intent and intent not in samples.intents(db, topic.language):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "unprocessable", f"No intent is called {intent!r}.")
        topics.settle_topic(db, topic_id, TopicState.ACCEPTED, by=viewer.login)
        said = [(call.contact, call.evidence.quote) for call in topic.examples]
        samples.add_topic(db, topic.language, said, name=topic.name, intent=intent or None, by=viewer.login)
    return _back(topic_id)


@router.post("/{topic_id}/dismiss", dependencies=[Depends(own_form)])
def dismiss(engine: Database, viewer: Editor, topic_id: str) -> Response:
    """It is none: neither it nor what is like it is shown again."""
    with transaction(engine) as db:
        if not topics.settle_topic(db, topic_id, TopicState.DISMISSED, by=viewer.login):
            raise _unknown(topic_id)
    return RedirectResponse("/topics", HTTPStatus.SEE_OTHER)


def moment_link(contact: str, kind: str = "call", second: float | None = None) -> str:
    """Page of a contact, a call's at a second of it."""
    page = f"/{'chats' if kind == 'chat' else 'calls'}/{quote(contact, safe='')}"
    return page if second is None else f"{page}?t={second:.1f}"


def _whole(db: Db, topic_id: str) -> Topic | None:
    """A topic with the phrases of all its time."""
    since, until = datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)
    return topics.find_topic(db, topic_id, since=since, until=until, examples=MOST_TAUGHT)


def _render(request: Request, page: str, viewer: auth.User, asked: Asked, **values: Any) -> Response:
    return render(
        request,
        page,
        viewer,
        section="topics",
        asked=asked,
        may_edit=values.pop("may_edit", viewer.may(Permission.RULES)),
        day=partial(_day, choose(viewer.language, "")),
        link=partial(_address, asked=asked),
        at=moment_link,
        shown=SHOWN,
        **values,
    )


def _asked(request: Request) -> Asked:
    """The period of the address; what is no date, or the wrong way round, is the last weeks."""
    here = zone_of(request)
    given, today = request.query_params, datetime.now(here).date()
    last = _date(given.get("until", "")) or today
    first = _date(given.get("since", "")) or last - timedelta(days=7 * WEEKS - 1)
    if not timedelta(0) <= last - first <= timedelta(days=LONGEST):
        first = last - timedelta(days=7 * WEEKS - 1)
    return Asked(
        first=first,
        last=last,
        language=given.get("language", "")[:8],
        since=datetime.combine(first, time(), here).astimezone(UTC),
        until=datetime.combine(last + timedelta(days=1), time(), here).astimezone(UTC),
    )


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _day(language: str, of: date) -> str:
    return format_skeleton("MMMd", of, locale=language)


def _address(page: str, asked: Asked, **wanted: str) -> str:
    query: Mapping[str, str] = {**asked.query, **wanted}
    return f"{page}?{urlencode(query)}"


def _topic(found: Topic | None, topic_id: str) -> Topic:
    if found is None:
        raise _unknown(topic_id)
    return found


def _unknown(topic_id: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no topic {topic_id}.")


def _back(topic_id: str) -> Response:
    return RedirectResponse(f"/topics/{quote(topic_id)}", HTTPStatus.SEE_OTHER)
