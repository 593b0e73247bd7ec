"""`otklik demo`: all parts are started, one scripted call is held for real, and what came of it is shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.options import app

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy import Engine

    from ivr.simulation.rehearsal import Rehearsal
    from recordings.calls.detail import ContactDetail

PIPELINE_SECONDS = 180.0
"""A minute of speech takes some 20 s on two cores; past this the pipeline is considered stuck."""


@app.command("demo")
def demo(
    language: Annotated[Literal["ru", "en"], typer.Option()] = "ru",
    once: Annotated[bool, typer.Option(help="End after the call; exit 0 only if all of it really happened.")] = False,
) -> None:
    """Start all parts and hold a real SIP call with a scripted caller and agent."""
    import threading

    from rich.console import Console

    from api.installation.up import run_parts
    from ivr.simulation.softphone import NOT_INSTALLED, is_installed

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not is_installed():
        console.print(NOT_INSTALLED, style="red", markup=False)
        raise typer.Exit(1)

    def then() -> int:
        failure = _hold_call(language, console)
        if failure:
            console.print(f"\nDid not happen: {failure}", style="bold red", markup=False)
        if not once:
            console.rule("all parts keep running; Ctrl-C ends")
            threading.Event().wait()
        return 1 if failure else 0

    raise typer.Exit(run_parts(then))


def _hold_call(language: str, console: Console) -> str:
    """Ring, talk, wait for the pipeline, print it all; returns the first thing that did not happen, or nothing."""
    import asyncio
    import shutil

    from api.cli.calls import print_conversation
    from api.settings import WebSettings
    from ivr.settings import PhoneSettings
    from ivr.simulation.rehearsal import Step, open_caller_voice, rehearse
    from recordings.database import connect
    from recordings.settings import StoreSettings
    from speech.settings import home

    def tell(step: Step) -> None:
        console.print(f"  {step.at:6.1f} s  {step.name}")

    folder = home() / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    voice = open_caller_voice(language)
    try:
        console.rule("a call")
        rehearsal = asyncio.run(rehearse(PhoneSettings(), language, voice=voice, folder=folder, tell=tell))
    finally:
        voice.close()
    if rehearsal.failure:
        return rehearsal.failure
    console.print(
        f"  replies after {', '.join(f'{seconds:.1f} s' for seconds in rehearsal.reply_seconds)}", style="dim"
    )
    detail, failure = _wait_for_findings(connect(StoreSettings().database_url), rehearsal.call_id, console)
    if detail is None:
        return failure
    console.rule("what is known of it")
    print_conversation(detail, console)
    web = WebSettings()
    console.print(f"\nIts page: http://{web.web_bind}:{web.web_port}/calls/{rehearsal.call_id}")
    return failure or _shortcoming(detail, rehearsal)


def _shortcoming(detail: ContactDetail, rehearsal: Rehearsal) -> str:
    """The first thing a supervisor would miss in the call's record, or nothing."""
    from recordings.contacts.call import Outcome
    from recordings.results.finding import FindingKind
    from speech.recognition.words import Speaker

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


def _wait_for_findings(engine: Engine, call_id: str, console: Console) -> tuple[ContactDetail | None, str]:
    """The call once its recording is analysed; with a reason when that did not come."""
    from recordings.calls.detail import contact_detail
    from recordings.contacts.call import RecordingState
    from recordings.database import reading

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
