"""Calls for programs: list, detail, words, findings, sound."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from api.calls import playing
from api.calls.shapes import CallDetailOut, CallOut, CallQuery, CallsOut, FindingOut, PeaksOut, TranscriptOut
from api.calls.waveform import stored_peaks
from api.kit.deps import Database, Db, Original, Reader, Sounds, needs, wants_original
from api.kit.problems import Problem, described
from api.kit.roles import Permission
from api.operations import originals
from api.operations.sound import original_sound, redacted_sound
from recordings.calls.detail import ContactDetail, contact_detail, find_recording
from recordings.calls.listing import Wanted
from recordings.contacts.call import Recording
from recordings.database import reading
from recordings.errors import SoundMissing
from speech.display.display import displayed
from speech.errors import AudioFormatError
from speech.recognition.words import Transcript

CallId = Annotated[str, Path(description="Id of a call, or of an imported recording", examples=["1795327401.7"])]


UNKNOWN = described(s404="No such call, or it has no such part yet; `code` tells which")

router = APIRouter(
    prefix="/api/calls",
    tags=["calls"],
    dependencies=[Depends(needs(Permission.CALLS))],
    responses=described(
        s401="Neither a log-in nor a valid API token", s422="Wrong fields of the request; `errors` names them"
    ),
)


@router.get("")
def list_calls(db: Db, engine: Database, viewer: Reader, wanted: Annotated[CallQuery, Query()]) -> CallsOut:
    """Calls and imported recordings, newest first unless asked otherwise."""
    page = originals.search_calls(
        db,
        engine,
        Wanted(
            text=wanted.q,
            kind=wanted.kind,
            outcome=wanted.outcome,
            state=wanted.state,
            language=wanted.language,
            label=wanted.label,
            since=wanted.since,
            until=wanted.until,
        ),
        original=wants_original(viewer, wanted.original),
        by=viewer.login,
        order=wanted.sort,
        offset=wanted.offset,
        limit=wanted.limit,
    )
    return CallsOut(total=page.total, calls=tuple(CallOut.model_validate(contact) for contact in page.contacts))


@router.get("/{call_id}", responses=UNKNOWN)
def show_call(db: Db, engine: Database, viewer: Reader, call_id: CallId, original: Original) -> CallDetailOut:
    """One call: parties, live turns, figures."""
    found = detail_for(db, engine, viewer, call_id, original=original)
    call, measures = found.call, found.measures
    return CallDetailOut.model_validate(
        {
            "contact": found.contact,
            "extension": call.extension if call else "",
            "scenario_version": call.scenario_version if call else "",
            "summary": call.summary if call else "",
            "turns": found.turns,
            "legs": found.legs,
            "callbacks": found.callbacks,
            "engines": found.engines,
            "talk_seconds": measures.talk_seconds if measures else {},
            "silence_share": measures.silence_share if measures else None,
            "overlap_seconds": measures.overlap_seconds if measures else None,
            "sentiment": measures.sentiment if measures else {},
            "sentiment_by_quarter": measures.sentiment_by_quarter if measures else {},
            "meaning": found.meaning,
        }
    )


@router.get("/{call_id}/transcript", responses=UNKNOWN)
def show_transcript(db: Db, engine: Database, viewer: Reader, call_id: CallId, original: Original) -> TranscriptOut:
    """The newest transcript of the recording, with the time of every word."""
    found = detail_for(db, engine, viewer, call_id, original=original)
    if found.transcript is None:
        raise Problem(HTTPStatus.NOT_FOUND, "transcript_missing", "The recording has not been transcribed.")
    return transcript_out(found.transcript)


@router.get("/{call_id}/findings", responses=UNKNOWN)
def show_findings(db: Db, engine: Database, viewer: Reader, call_id: CallId, original: Original) -> list[FindingOut]:
    """What the newest analysis found, by time; empty before it."""
    found = detail_for(db, engine, viewer, call_id, original=original)
    return [FindingOut.model_validate(finding) for finding in found.findings]


@router.head("/{call_id}/audio", include_in_schema=False)
@router.get(
    "/{call_id}/audio",
    response_class=Response,
    responses={
        200: {"description": "The whole sound", "content": {"audio/wav": {}}},
        206: {"description": "The part asked for by Range"},
        304: {"description": "Unchanged, by If-None-Match"},
        **UNKNOWN,
        **described(s416="The part lies outside the sound"),
        **described(s409="Private parts cannot be muted yet: the recording has no transcript"),
    },
)
def play(
    request: Request,
    engine: Database,
    store: Sounds,
    viewer: Reader,
    call_id: CallId,
    original: Original,
    download: Annotated[bool, Query(description="Ask the browser to save it")] = False,
) -> Response:
    """The sound, private parts muted: left caller, right robot and then agent."""
    recording = _recording(engine, call_id)
    if original:
        find = partial(original_sound, engine, recording, by=viewer.login)
    else:
        find = partial(redacted_sound, engine, store, recording)
    return playing.play(request, store, find, download=download)


@router.get(
    "/{call_id}/peaks", response_model=PeaksOut, responses={**UNKNOWN, **described(s422="The sound cannot be decoded")}
)
def show_peaks(request: Request, engine: Database, store: Sounds, call_id: CallId) -> Response:
    """The shape of the sound for a waveform."""
    recording = _recording(engine, call_id)
    headers = {"ETag": f'"{recording.sha256}"', "Cache-Control": "private, max-age=0, must-revalidate"}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    try:
        return Response(stored_peaks(store, recording), headers=headers, media_type="application/json")
    except SoundMissing as error:
        raise Problem(HTTPStatus.NOT_FOUND, error.code, str(error)) from error
    except AudioFormatError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, error.code, str(error)) from error


def transcript_out(transcript: Transcript) -> TranscriptOut:
    """A transcript with the text that people read beside the one that was heard."""
    body = transcript.to_json()
    for row, said in zip(body["utterances"], transcript.utterances, strict=True):
        row["display"] = displayed(said, transcript.language).text
    return TranscriptOut.model_validate(body)


def detail_for(db: Db, engine: Database, viewer: Reader, call_id: str, *, original: bool = False) -> ContactDetail:
    """All that is known of a call.

    Raises:
        Problem: 404, there is none.
    """
    found = originals.read_call(db, engine, call_id, original=original, by=viewer.login)
    if found is None:
        raise _unknown(call_id)
    return found


def _recording(engine: Database, call_id: str) -> Recording:
    """The recording of a call; the transaction is over when this returns, before a byte of sound is sent."""
    with reading(engine) as db:
        found = find_recording(db, call_id)
        if found is None:
            if contact_detail(db, call_id) is None:
                raise _unknown(call_id)
            raise Problem(HTTPStatus.NOT_FOUND, "recording_missing", "The call has no recording.")
    return found


def _unknown(call_id: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "call_unknown", f"There is no call {call_id}.")
