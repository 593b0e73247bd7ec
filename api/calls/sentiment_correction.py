"""A click on the mood of an utterance: what a person says it is, kept for the next training of the model."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.calls.api import detail_for
from api.calls.view import MOODS
from api.kit.deps import Database, Db, Editor, own_form
from api.kit.problems import Problem
from recordings.calls.detail import ContactDetail
from recordings.database import transaction
from recordings.learning.sentiment_samples import correct, corrected, withdraw
from recordings.results.finding import FindingKind
from speech.recognition.words import Speaker, Utterance

SAME = 0.05
"""Seconds by which the start of an utterance may differ from what the page showed: it was rounded."""

router = APIRouter(include_in_schema=False)


def corrections_in(db: Session, found: ContactDetail) -> Mapping[str, str]:
    """What people said of the utterances of a call: text → mood."""
    if found.transcript is None:
        return {}
    return dict(corrected(db, found.transcript.language, (said.text for said in found.transcript.utterances)))


@router.post("/calls/{call_id}/sentiment", dependencies=[Depends(own_form)])
def correct_sentiment(
    db: Db,
    engine: Database,
    editor: Editor,
    call_id: str,
    turn: Annotated[int, Form(ge=0)],
    start: Annotated[float, Form()],
    sentiment: Annotated[Literal["negative", "neutral", "positive", "as_model"], Form()],
) -> Response:
    """Keep what a person says of an utterance, by its place and start; ``as_model`` takes back what was said of it."""
    # always the copy without private parts: only that may be learned
    found = detail_for(db, engine, editor, call_id)
    said = _utterance(found, turn, start)
    language = found.transcript.language if found.transcript else found.contact.language
    with transaction(engine) as changing:
        if sentiment == "as_model":
            withdraw(changing, language=language, text=said.text)
        elif not correct(
            changing,
            language=language,
            text=said.text,
            sentiment=sentiment,
            guess=_guess(found, said),
            recording_id=found.recording.id if found.recording else None,
            by=editor.login,
        ):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no_words", "There are no words to learn from.")
    return RedirectResponse(f"/calls/{quote(call_id, safe='')}#turn-{turn + 1}", HTTPStatus.SEE_OTHER)


def _utterance(found: ContactDetail, turn: int, start: float) -> Utterance:
    """The utterance a form means.

    Raises:
        Problem: 409, the words are others by now; 422, it is the robot's, which has no feelings.
    """
    utterances = found.transcript.utterances if found.transcript else ()
    if turn >= len(utterances) or abs(utterances[turn].start - start) > SAME:
        raise Problem(HTTPStatus.CONFLICT, "words_changed", "The transcript has changed. Load the page again.")
    if utterances[turn].speaker is Speaker.ROBOT:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no_feelings", "The robot has no feelings.")
    return utterances[turn]


def _guess(found: ContactDetail, said: Utterance) -> str:
    """What the page had shown of it."""
    for finding in found.findings:
        here = finding.evidence.start == said.start and finding.speaker is said.speaker
        if here and finding.kind is FindingKind.SENTIMENT and finding.label in MOODS:
            return finding.label
    return "neutral"
