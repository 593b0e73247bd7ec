"""`otklik rules …`: versions of the rules, and one of them over the whole archive."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event, Thread

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text
from sqlalchemy import Engine

from analytics.dictionary import DictionaryError, RuleSet, read_files, read_rule_set
from analytics.dictionary.running_rules import rule_set, running
from analytics.pipeline.dependencies import open_dependencies
from analytics.rerun.trial import dry_run
from analytics.worker.jobs import run_job
from api.installation.installation import open_database
from api.kit.wording import clock
from recordings.database import reading, transaction
from recordings.jobs import JobState, find_job, start_job
from recordings.rules.rule_changes import Difference
from recordings.rules.rule_sets import RuleSetCard, activate, add_rule_set, find_rule_set, list_rule_sets

EXAMPLES = 2
"""Of gained and of lost calls that the table of a difference names; --json names all there are."""
LOOKS = 0.2
"""Seconds between two looks at how far the job has come."""


def print_rule_sets() -> int:
    """All versions, the newest first."""
    engine = open_database()
    try:
        running(engine)  # the first start registers the dictionaries that came with Otklik
    except DictionaryError as error:
        print(error, file=sys.stderr)
    with reading(engine) as db:
        cards = list_rule_sets(db)
    table = Table(
        *(Column(name, no_wrap=True) for name in ("version", "state", "made", "by", "files")), "note", box=None
    )
    for card in cards:
        made = f"{card.created_at:%Y-%m-%d %H:%M}"
        table.add_row(card.version, card.state, made, card.created_by, str(len(card.files)), Text(card.note))
    Console(highlight=False).print(table)
    return 0


def add_folder(folder: Path, note: str) -> int:
    """Take the dictionaries of a folder as a new version; faults are told by file and line, and nothing is taken."""
    engine = open_database()
    try:
        files = read_files(folder)
        rules = read_rule_set(files, folder)
    except DictionaryError as error:
        print(error, file=sys.stderr)
        return 1
    with transaction(engine) as db:
        new = add_rule_set(db, rules.version, files, note=note, by=getpass.getuser())
    print(rules.version)
    what = f"{len(files)} files, a draft: otklik rules activate {rules.version}" if new else "there already"
    print(what, file=sys.stderr)
    return 0


def activate_version(version: str) -> int:
    """Put a version in force, an old one too."""
    engine = open_database()
    card = _card(engine, version)
    if card is None:
        return 1
    try:
        rules = rule_set(engine, card.version)
    except DictionaryError as error:
        print(error, file=sys.stderr)
        return 1
    if rules is None:
        print(f"{card.version} was made for the rules of an older Otklik: add its files again", file=sys.stderr)
        return 1
    with transaction(engine) as db:
        activate(db, card.version)
    print(f"{card.version} is in force: workers take it with the next recording", file=sys.stderr)
    return 0


def show_version(version: str) -> int:
    """The files of a version as they were written; by default of the one in force."""
    engine = open_database()
    card = _card(engine, version or running(engine).version)
    if card is None:
        return 1
    for name, text in card.files.items():
        print(f"# {name}\n{text.rstrip()}\n")
    return 0


def rerun_rules(since: str, *, version: str, only_try: bool, processes: int, as_json: bool) -> int:
    """One version over all recordings since a day. Progress on stderr, the difference on stdout."""
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        print(f"--since wants a day as {date.today():%Y-%m-%d}, got {since!r}", file=sys.stderr)  # noqa: DTZ011
        return 2
    moment = moment if moment.tzinfo else moment.astimezone()
    engine = open_database()
    try:
        in_force = running(engine)
        card = _card(engine, version) if version else None
        if version and card is None:
            return 1
        rules = in_force if card is None else rule_set(engine, card.version)
    except DictionaryError as error:
        print(error, file=sys.stderr)
        return 1
    if rules is None:
        print(f"{version} was made for the rules of an older Otklik: add its files again", file=sys.stderr)
        return 1
    against = in_force.version if rules.version != in_force.version else _before(engine, in_force.version)
    found: Difference | None
    if only_try:
        found = _try(engine, rules, against, moment, processes)
    else:
        found = _run(engine, rules, against, moment, processes)
    if found is None:
        return 1
    if as_json:
        print(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        _print_difference(found)
    return 0


def _before(engine: Engine, version: str) -> str:
    """What was in force before a version; itself where nothing was."""
    with reading(engine) as db:
        cards = [card for card in list_rule_sets(db) if card.started_at and card.version != version]
    return (
        max(cards, key=lambda card: card.started_at or datetime.min.replace(tzinfo=UTC)).version if cards else version
    )


def _try(engine: Engine, rules: RuleSet, against: str, since: datetime, processes: int) -> Difference:
    with _progress() as bar:
        task = bar.add_task("trying", total=None)
        return dry_run(
            engine,
            rules,
            against=against,
            since=since,
            processes=processes,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _run(engine: Engine, rules: RuleSet, against: str, since: datetime, processes: int) -> Difference | None:
    parameters = {
        "rule_set": rules.version,
        "against": against,
        "since": since.astimezone(UTC).isoformat(),
        "processes": processes,
    }
    with transaction(engine) as db:
        job = start_job(db, "rerun", parameters, by=getpass.getuser())
    with _progress() as bar:
        task, over = bar.add_task("re-running", total=None), Event()

        def look() -> None:
            while not over.wait(LOOKS):
                with reading(engine) as db:
                    now = find_job(db, job.id)
                if now:
                    bar.update(task, completed=now.done + now.failed, total=now.total or None)

        looking = Thread(target=look, daemon=True)
        looking.start()
        try:
            ended = run_job(replace(open_dependencies(), engine=engine), job.id)
        finally:
            over.set()
            looking.join()
    if ended is None or ended.state is not JobState.DONE:
        state = f"{ended.state}: {ended.failure}" if ended else "in the hands of a worker"
        print(f"the re-run is not done ({state}); job {job.id} goes on with the workers", file=sys.stderr)
        return None
    for fault in ended.result["faults"]:
        print(fault, file=sys.stderr)
    return Difference.from_json(ended.result)


def _progress() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=Console(stderr=True))


def _print_difference(found: Difference) -> None:
    """Plain lines, whatever the width: label, calls before and after, gained and lost, then examples."""
    print(f"{found.after} against {found.before}: {found.calls} calls compared", end="")
    print(f", {found.only_after} examined for the first time" if found.only_after else "")
    labels = [
        change.label if change.kind == "keyword" else f"({change.kind}) {change.label}" for change in found.changes
    ]
    width = max(map(len, [*labels, "label"]))
    print(f"{'label':{width}}  before   after  gained    lost")
    for label, change in zip(labels, found.changes, strict=True):
        print(f"{label:{width}}  {change.before:6}  {change.after:6}  {change.gained:+6}  {-change.lost:6}")
        for sign, examples in (("+", change.gained_examples), ("-", change.lost_examples)):
            for one in examples[:EXAMPLES]:
                print(f"    {sign} {one.contact_id} {clock(one.start)} {one.quote}")


def _card(engine: Engine, version: str) -> RuleSetCard | None:
    with reading(engine) as db:
        card = find_rule_set(db, version)
    if card is None:
        print(f"no version {version!r}, or several begin so: see otklik rules list", file=sys.stderr)
    return card
