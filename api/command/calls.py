"""Calls in the terminal: `otklik calls …`, and the conversation that `otklik demo` prints at its end."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from api.command.users import account
from api.installation.installation import open_database
from recordings.announce import announce_recording
from recordings.audio.progress import retry
from recordings.calls.detail import ContactDetail, contact_detail, find_recording
from recordings.calls.listing import Contact, list_contacts
from recordings.database import reading, transaction
from recordings.privacy import audit
from recordings.results.finding import FindingKind
from recordings.settings import StoreSettings

COLOURS = {"caller": "cyan", "robot": "magenta", "agent": "green"}


def print_calls(*, limit: int, as_json: bool) -> int:
    """Newest calls and imports first."""
    with reading(open_database()) as db:
        page = list_contacts(db, limit=limit)
    if as_json:
        for contact in page.contacts:
            print(_json(contact))
        return 0
    columns = (Column(name, no_wrap=True) for name in ("id", "when", "length", "who", "outcome", "recording"))
    table = Table(*columns, "keywords", box=None)
    for contact in page.contacts:
        table.add_row(
            contact.id,
            f"{contact.started_at.astimezone():%Y-%m-%d %H:%M}",
            clock(contact.duration),
            Text(contact.customer_name or contact.caller_number or contact.filename),
            contact.outcome or "",
            contact.state or "",
            ", ".join(contact.labels),
        )
    Console().print(table if page.contacts else "No calls yet. Ring the robot (make run says where), or: otklik import")
    return 0


def print_call(contact_id: str, *, as_json: bool, original: bool = False) -> int:
    """One call turn by turn, with its findings; the original leaves an audit line."""
    engine = open_database()
    with reading(engine) as db:
        detail = contact_detail(db, contact_id, original=original)
    if detail is not None and original:
        with transaction(engine) as db:
            audit.note_once(db, account(), "original.read", contact_id)
    if detail is None:
        print(f"no call or recording has the id {contact_id!r}: see otklik calls list", file=sys.stderr)
        return 1
    if as_json:
        print(_json(detail))
    else:
        print_conversation(detail, Console(highlight=False, soft_wrap=True))
    return 0


def retry_recording(contact_id: str) -> int:
    """Give a parked recording back to the workers."""
    engine = open_database()
    with reading(engine) as db:
        recording = find_recording(db, contact_id)
    if recording is None:
        print(f"no recording belongs to the id {contact_id!r}: see otklik calls list", file=sys.stderr)
        return 1
    if not retry(engine, recording.id):
        print(f"nothing to do: the recording is {recording.state}, not parked", file=sys.stderr)
        return 1
    announce_recording(StoreSettings().broker, recording.id, imported=recording.call_id is None)
    print("the workers try it again", file=sys.stderr)
    return 0


def print_conversation(detail: ContactDetail, console: Console) -> None:
    """Who said what and when, as the robot heard it live and as the recording says, with the findings."""
    contact = detail.contact
    title = Text(contact.customer_name or contact.caller_number or contact.filename, style="bold")
    console.print(title, f"{contact.started_at.astimezone():%Y-%m-%d %H:%M:%S}  {clock(contact.duration)}")
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


def clock(seconds: float | None) -> str:
    """Minutes and seconds, as ``3:07``."""
    return "" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _line(console: Console, start: float, speaker: str, text: str, confidence: float | None) -> None:
    sure = "" if confidence is None else f"  ({confidence:.2f})"
    console.print(
        Text.assemble((f"  {clock(start)} ", "dim"), (f"{speaker:<7}", COLOURS.get(speaker, "")), text, (sure, "dim"))
    )


def _json(value: Contact | ContactDetail) -> str:
    return json.dumps(asdict(value), ensure_ascii=False, default=str)
