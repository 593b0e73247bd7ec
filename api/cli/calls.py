"""`otklik calls`: the newest ones, one of them turn by turn, and a recording given back to the workers."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import AsJson, account, app, refuse
from api.kit.clock import clock

if TYPE_CHECKING:
    from rich.console import Console

    from recordings.calls.detail import ContactDetail
    from recordings.calls.listing import Contact

COLOURS = {"caller": "cyan", "robot": "magenta", "agent": "green"}

CallId = Annotated[str, typer.Argument(metavar="ID")]
calls_app = typer.Typer(no_args_is_help=True, help="Calls and what was found in them.")
app.add_typer(calls_app, name="calls")


@calls_app.command("list")
def list_calls(limit: Annotated[int, typer.Option(min=1, max=1000)] = 20, as_json: AsJson = False) -> None:
    """Newest calls first."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from api.installation.installation import open_database
    from recordings.calls.listing import list_contacts
    from recordings.database import reading
    from speech.settings import local_zone

    with reading(open_database()) as db:
        page = list_contacts(db, limit=limit)
    if as_json:
        for contact in page.contacts:
            print(_json(contact))
        return
    columns = (Column(name, no_wrap=True) for name in ("id", "when", "length", "who", "outcome", "recording"))
    table = Table(*columns, "keywords", box=None)
    for contact in page.contacts:
        table.add_row(
            contact.id,
            f"{contact.started_at.astimezone(local_zone()):%Y-%m-%d %H:%M}",
            clock(contact.duration),
            Text(contact.customer_name or contact.caller_number or contact.filename),
            contact.outcome or "",
            contact.state or "",
            ", ".join(contact.labels),
        )
    Console().print(table if page.contacts else "No calls yet. Ring the robot (make run says where), or: otklik import")


@calls_app.command("show")
def show_call(
    call_id: CallId,
    as_json: AsJson = False,
    original: Annotated[bool, typer.Option("--original", help="With private parts; leaves an audit line.")] = False,
) -> None:
    """One call turn by turn, with its findings."""
    from rich.console import Console

    from api.installation.installation import open_database
    from api.operations.originals import read_call
    from recordings.database import reading

    engine = open_database()
    with reading(engine) as db:
        detail = read_call(db, engine, call_id, original=original, by=account())
    if detail is None:
        refuse(f"no call or recording has the id {call_id!r}: see otklik calls list")
    if as_json:
        print(_json(detail))
    else:
        print_conversation(detail, Console(highlight=False, soft_wrap=True))


@calls_app.command("retry")
def retry_recording(call_id: CallId) -> None:
    """Give a parked recording back to the workers."""
    from api.installation.installation import open_database
    from api.operations import processing
    from recordings.settings import StoreSettings

    tried = processing.retry_recording(open_database(), StoreSettings().broker, call_id, by=account())
    if tried is None:
        refuse(f"no recording belongs to the id {call_id!r}: see otklik calls list")
    if not tried.again:
        refuse(f"nothing to do: the recording is {tried.recording.state}, not parked")
    print("the workers try it again", file=sys.stderr)


def print_conversation(detail: ContactDetail, console: Console) -> None:
    """Who said what and when, as the robot heard it live and as the recording says, with the findings."""
    from rich.text import Text

    from recordings.results.finding import FindingKind
    from speech.settings import local_zone

    contact = detail.contact
    title = Text(contact.customer_name or contact.caller_number or contact.filename, style="bold")
    console.print(title, f"{contact.started_at.astimezone(local_zone()):%Y-%m-%d %H:%M:%S}  {clock(contact.duration)}")
    if detail.call:
        console.print(
            f"outcome {contact.outcome or 'still going on'}, agent {contact.agent or '-'}, scenario {contact.scenario} "
            f"{detail.call.scenario_version}\n[dim]heard live by {contact.engine}[/dim]"
        )
    for turn in detail.turns:
        _line(console, turn.start, turn.speaker, turn.text, turn.confidence)
    if detail.transcript:
        console.print(f"\n[b]Recording[/b]\n[dim]transcribed by {detail.transcript.engine}[/dim]")
        for utterance in detail.transcript.utterances:
            _line(console, utterance.start, utterance.speaker, utterance.text, utterance.confidence)
    if detail.findings:
        console.print("\n[b]Findings[/b]")
    for finding in detail.findings:
        value = f" {finding.value:+.2f}" if finding.kind is FindingKind.SENTIMENT and finding.value is not None else ""
        quote = f"  «{finding.evidence.quote}»" if finding.evidence.quote else ""
        seconds = f"{clock(finding.evidence.start)}–{clock(finding.evidence.end)}"
        console.print(Text(f"  {seconds}  {finding.kind}: {finding.label}{value}  {finding.speaker}{quote}"))
    if contact.failure:
        console.print(Text(f"\n{contact.failure}", style="red"))


def _line(console: Console, start: float, speaker: str, text: str, confidence: float | None) -> None:
    from rich.text import Text

    sure = "" if confidence is None else f"  ({confidence:.2f})"
    console.print(
        Text.assemble((f"  {clock(start)} ", "dim"), (f"{speaker:<7}", COLOURS.get(speaker, "")), text, (sure, "dim"))
    )


def _json(value: Contact | ContactDetail) -> str:
    return json.dumps(asdict(value), ensure_ascii=False, default=str)
