"""Pages of alerts: what was raised, how it was delivered, and the rules."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from analytics.alerts import AlertsError
from analytics.alerts.alerting import alert_rules
from api.kit.auth import User
from api.kit.deps import Database, Db, Editor, Viewer, needs, own_form
from api.kit.links import asked_of, link, local
from api.kit.paging import PAGE_SIZE, Paging, offset_of
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission
from api.operations import alerts
from recordings.alerts.alerts import (
    AlertState,
    about,
    count_alerts,
    deliveries_of,
    list_alerts,
    running_alert_rules,
)
from recordings.redaction.redacted import hide

router = APIRouter(prefix="/alerts", include_in_schema=False, dependencies=[Depends(needs(Permission.ALERTS))])


@router.get("")
def show_alerts(request: Request, db: Db, engine: Database, viewer: Viewer) -> Response:
    """What was raised, the newest first, by the filters of the address."""
    asked = asked_of(request)
    rules = {rule.name: rule.title for rule in alert_rules(engine).rules}
    state = asked.get("state", "new")
    filters = {
        "state": state if state in {*AlertState, "all"} else "new",
        "rule": asked.get("rule", "")[:64],
    }
    start = offset_of(asked)
    wanted = {"state": "" if filters["state"] == "all" else filters["state"], "rule": filters["rule"]}
    found = list_alerts(db, **wanted, offset=start, limit=PAGE_SIZE)
    return render(
        request,
        "alerts/alerts.html",
        viewer,
        section="alerts",
        alerts=found,
        paging=Paging(start=start, total=count_alerts(db, **wanted)),
        contacts=about(db, [alert.contact_id for alert in found]),
        deliveries=deliveries_of(db, [alert.id for alert in found]),
        rules=rules,
        states=tuple(AlertState),
        filters=filters,
        hide=hide,
        edits=viewer.may(Permission.RULES),
        link=partial(link, "/alerts", filters),
        here=link("/alerts", filters, offset=start or None),
    )


@router.post("/{alert_id}/state", dependencies=[Depends(own_form)])
def mark(
    engine: Database,
    viewer: Viewer,
    alert_id: str,
    state: Annotated[AlertState, Form()],
    back: Annotated[str, Form(max_length=2048)] = "/alerts",
) -> Response:
    """Say how far somebody has come with it."""
    if not alerts.mark(engine, alert_id, state, by=viewer.login):
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no alert {alert_id}.")
    return RedirectResponse(local(back), HTTPStatus.SEE_OTHER)


@router.post("/deliveries/{delivery_id}/again", dependencies=[Depends(own_form)])
def again(
    engine: Database, viewer: Viewer, delivery_id: str, back: Annotated[str, Form(max_length=2048)] = "/alerts"
) -> Response:
    """Send once more what was given up; what waits or was sent stays as it is."""
    alerts.send_again(engine, delivery_id, by=viewer.login)
    return RedirectResponse(local(back), HTTPStatus.SEE_OTHER)


@router.get("/rules")
def show_rules(request: Request, engine: Database, db: Db, viewer: Editor) -> Response:
    """The rules as they are written."""
    alert_rules(engine)
    running = running_alert_rules(db)
    return _rules_page(request, viewer, text=running[1] if running else "")


@router.post("/rules", dependencies=[Depends(own_form)])
def save_rules(
    request: Request, engine: Database, viewer: Editor, text: Annotated[str, Form(max_length=200_000)] = ""
) -> Response:
    """Put them in force; with a fault in them the running ones stay, and the page says what and where."""
    text = text.replace("\r\n", "\n")
    try:
        alerts.put_in_force(engine, text, by=viewer.login)
    except AlertsError as error:
        return _rules_page(request, viewer, text=text, error=error, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse("/alerts/rules?saved=1", HTTPStatus.SEE_OTHER)


def _rules_page(
    request: Request, viewer: User, *, text: str, error: AlertsError | None = None, status: int = HTTPStatus.OK
) -> Response:
    return render(
        request,
        "alerts/rules.html",
        viewer,
        status=status,
        section="alerts",
        text=text,
        problems=error.problems if error else (),
        saved=request.query_params.get("saved") == "1" and error is None,
        here="/alerts/rules",
    )
