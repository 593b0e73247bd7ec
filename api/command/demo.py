"""`otklik demo`: all parts are started, one scripted call is held for real, and what came of it is shown."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time

from rich.console import Console
from sqlalchemy import Engine

from api.command.calls import print_conversation
from api.installation.up import run_parts
from api.settings import WebSettings
from ivr.settings import PhoneSettings
from ivr.simulation.rehearsal import Rehearsal, Step, open_caller_voice, rehearse
from recordings.calls.detail import ContactDetail, contact_detail
from recordings.contacts.call import Outcome, RecordingState
from recordings.database import connect, reading
from recordings.results.finding import FindingKind
from recordings.settings import StoreSettings
from speech.recognition.words import Speaker
from speech.settings import home

PIPELINE_SECONDS = 180.0
"""A minute of speech takes some 20 s on two cores; past this the pipeline is considered stuck."""

console = Console(stderr=True, highlight=False, soft_wrap=True)


def run_demo(language: str, *, once: bool) -> int:
    """Hold the call; with ``once`` end after it, else go on until Ctrl-C. Returns the exit code."""

    def then() -> int:
        failure = hold_call(language)
        if failure:
            console.print(f"\nDid not happen: {failure}", style="bold red", markup=False)
        if not once:
            console.rule("all parts keep running; Ctrl-C ends")
            threading.Event().wait()
        return 1 if failure else 0

    return run_parts(then)


def hold_call(language: str) -> str:
    """Ring, talk, wait for the pipeline, print it all; returns the first thing that did not happen, or nothing."""
    folder = home() / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    voice = open_caller_voice(language)
    try:
        console.rule("a call")
        rehearsal = asyncio.run(rehearse(PhoneSettings(), language, voice=voice, folder=folder, tell=_tell))
    finally:
        voice.close()
    if rehearsal.failure:
        return rehearsal.failure
    console.print(
        f"  replies after {', '.join(f'{seconds:.1f} s' for seconds in rehearsal.reply_seconds)}", style="dim"
    )
    detail, failure = _wait_for_findings(connect(StoreSettings().database_url), rehearsal.call_id)
    if detail is None:
        return failure
    console.rule("what is known of it")
    print_conversation(detail, console)
    web = WebSettings()
    console.print(f"\nIts page: http://{web.web_bind}:{web.web_port}/calls/{rehearsal.call_id}")
    return failure or shortcoming(detail, rehearsal)


def shortcoming(detail: ContactDetail, rehearsal: Rehearsal) -> str:
    """The first thing a supervisor would miss in the call's record, or nothing."""
    speakers = {utterance.speaker for utterance in detail.transcript.utterances} if detail.transcript else set()
    kinds = {finding.kind for finding in detail.findings}
    order = str(rehearsal.context.get("order", ""))
    told = [turn.text for turn in detail.turns if turn.speaker is Speaker.ROBOT and turn.node == "tell"]
    agents = [leg for leg in detail.legs if leg.speaker is Speaker.AGENT]
    missing = {
        "the caller heard where the order is": any(order in text for text in told) and bool(order),
        "the call counts as handed over": detail.contact.outcome is Outcome.HANDED_OVER,
        "the call's record names the engine that heard it": bool(detail.contact.engine),
        "the record has what the caller said": any(turn.speaker is Speaker.CALLER for turn in detail.turns),
        "the agent was told what the caller said": bool(rehearsal.context.get("said")),
        "the summary names the order": detail.call is not None and order in detail.call.summary,
        "the record knows when the agent came and went": any(leg.ended is not None for leg in agents),
        "the recording is stereo": detail.recording is not None and detail.recording.channels == 2,
        "the transcript has caller, robot and agent": speakers >= {Speaker.CALLER, Speaker.ROBOT, Speaker.AGENT},
        "keywords were found": FindingKind.KEYWORD in kinds,
        "sentiment was found": FindingKind.SENTIMENT in kinds,
    }
    return next((name for name, there in missing.items() if not there), "")


def _wait_for_findings(engine: Engine, call_id: str) -> tuple[ContactDetail | None, str]:
    """The call once its recording is analysed; with a reason when that did not come."""
    deadline = time.monotonic() + PIPELINE_SECONDS
    detail: ContactDetail | None = None
    with console.status("the workers transcribe and analyse the recording"):
        while time.monotonic() < deadline:
            with reading(engine) as db:
                detail = contact_detail(db, call_id)
            state = detail.contact.state if detail else None
            if detail and state is RecordingState.ANALYSED:
                return detail, ""
            if detail and state is RecordingState.PARKED:
                return detail, f"the recording was analysed: it is parked, {detail.contact.failure}"
            time.sleep(0.5)
    where = "it is not registered" if detail is None or detail.recording is None else f"it is {detail.contact.state}"
    return detail, f"the recording was analysed within {PIPELINE_SECONDS:.0f} s: {where}"


def _tell(step: Step) -> None:
    console.print(f"  {step.at:6.1f} s  {step.name}")
