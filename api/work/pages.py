"""The page of what the workers do: recordings they have given up, what waits in the queues, work in bulk."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.kit.deps import Database, Db, Viewer, Web, needs, own_form
from api.kit.failure_codes import recording_code
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission
from api.operations import processing
from recordings.announce import queue_lengths
from recordings.audio.failed import count_by_state
from recordings.contacts.call import RecordingState
from recordings.database import reading
from recordings.jobs import GOING_ON, JobState, find_job, list_jobs

MOST_PARKED = 100
"""Shown at once; "retry all" takes the others, too."""
MOST_JOBS = 30

router = APIRouter(prefix="/work", include_in_schema=False, dependencies=[Depends(needs(Permission.WORK))])


@router.get("")
def show_work(request: Request, db: Db, web: Web, viewer: Viewer) -> Response:
    """What waits, what is being done, and what needs a person."""
    return render(
        request,
        "work/work.html",
        viewer,
        section="work",
        parked=processing.list_failed(db, limit=MOST_PARKED),
        counts=count_by_state(db),
        states=RecordingState,
        queues=queue_lengths(web.broker),
        jobs=list_jobs(db, MOST_JOBS),
        going_on=GOING_ON,
        at_rest=(JobState.STOPPED, JobState.FAILED),
        failure_of=recording_code,
        here="/work",
    )


@router.post("/recordings/retry", dependencies=[Depends(own_form)])
def retry_every_recording(engine: Database, web: Web, viewer: Viewer) -> Response:
    """Give all parked recordings back to the workers."""
    processing.retry_every_recording(engine, web.broker, by=viewer.login)
    return _back()


@router.post("/recordings/{recording_id}/retry", dependencies=[Depends(own_form)])
def retry_recording(engine: Database, web: Web, viewer: Viewer, recording_id: str) -> Response:
    """Give one parked recording back to the workers; one that is not parked is in their hands already."""
    if processing.retry_recording(engine, web.broker, recording_id, by=viewer.login) is None:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no recording {recording_id}.")
    return _back()


@router.post("/jobs/{job_id}/stop", dependencies=[Depends(own_form)])
def stop(engine: Database, viewer: Viewer, job_id: str) -> Response:
    """End a job at its next step; one that has ended meanwhile stays as it is."""
    processing.stop(engine, job_id, by=viewer.login)
    return _known(engine, job_id)


@router.post("/jobs/{job_id}/resume", dependencies=[Depends(own_form)])
def resume(engine: Database, web: Web, viewer: Viewer, job_id: str) -> Response:
    """Let a stopped or failed job go on where it stood."""
    processing.resume(engine, web.broker, job_id, by=viewer.login)
    return _known(engine, job_id)


def _known(engine: Database, job_id: str) -> Response:
    with reading(engine) as db:
        if find_job(db, job_id) is None:
            raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no job {job_id}.")
    return _back()


def _back() -> Response:
    return RedirectResponse("/work", HTTPStatus.SEE_OTHER)
