"""`otklik rules`: versions of the rules, and one of them over the whole archive."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import AsJson, account, app, refuse

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from analytics.dictionary import RuleSet
    from recordings.rules.rule_changes import Difference
    from recordings.rules.rule_sets import RuleSetCard

EXAMPLES = 2
"""Examples of gained and of lost calls that the table of a difference names; --json names all there are."""

rules_app = typer.Typer(no_args_is_help=True, help="Versions of the rules: list, add, put in force, run over history.")
app.add_typer(rules_app, name="rules")


@rules_app.command("convert")
def convert_files(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; 1 where a file would change.")] = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print instead of writing.")] = False,
) -> None:
    """Rewrite dictionaries, scorecards and alerts in today's words of conditions; comments and meaning stay.

    A file with a fault, or one that cannot be rewritten so that it means the same, is told and left as it is.
    """
    from analytics.rule_files import convert_file, converted
    from speech.yaml_source import FileRefused, read_text

    faults = changed = 0
    for file in files:
        try:
            old = read_text(file)
            new = converted(old, file)
            if stdout:
                sys.stdout.write(new)
            elif new != old:
                if not check:
                    convert_file(file)
                print(f"{file}: {'would be' if check else 'is'} written anew", file=sys.stderr)
            changed += new != old
        except FileRefused as refused:
            print(refused, file=sys.stderr)
            faults += 1
        except OSError as error:
            print(f"{file}: cannot be written: {error.strerror}", file=sys.stderr)
            faults += 1
    print(f"{len(files)} files, {changed} in words of before, {faults} with faults", file=sys.stderr)
    raise typer.Exit(1 if faults or (check and changed) else 0)


@rules_app.command("list")
def list_versions() -> None:
    """Versions, the newest first."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from analytics.dictionary import DictionaryError
    from analytics.dictionary.running_rules import running
    from api.installation.installation import open_database
    from recordings.database import reading
    from recordings.rules.rule_sets import list_rule_sets

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


@rules_app.command("add")
def add_folder(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="With <language>/<name>.yaml in it.")],
    note: Annotated[str, typer.Option(help="What is new in it.")] = "",
) -> None:
    """Take the dictionaries of a folder as a draft; prints its version. Nothing changes until it is put in force."""
    from analytics.dictionary import DictionaryError, read_files, read_rule_set
    from api.installation.installation import open_database
    from api.operations.rules import keep_draft

    engine = open_database()
    try:
        files = read_files(folder)
        rules = read_rule_set(files, folder)
    except DictionaryError as error:
        refuse(error)
    new = keep_draft(engine, rules, files, note=note, by=account())
    print(rules.version)
    what = f"{len(files)} files, a draft: otklik rules activate {rules.version}" if new else "there already"
    print(what, file=sys.stderr)


@rules_app.command("activate")
def activate_version(version: Annotated[str, typer.Argument(help="As many letters of it as are needed.")]) -> None:
    """Put a version in force for new recordings and for what lists and figures show; an old one too."""
    from api.installation.installation import open_database
    from api.operations.rules import put_in_force

    engine = open_database()
    rules = _rules(engine, version)
    put_in_force(engine, rules, by=account())
    print(f"{rules.version} is in force: workers take it with the next recording", file=sys.stderr)


@rules_app.command("show")
def show_version(version: Annotated[str, typer.Argument(help="By default the one in force.")] = "") -> None:
    """The files of a version as they were written."""
    from analytics.dictionary.running_rules import running
    from api.installation.installation import open_database

    engine = open_database()
    for name, text in _card(engine, version or running(engine).version).files.items():
        print(f"# {name}\n{text.rstrip()}\n")


@rules_app.command("rerun")
def rerun_rules(
    since: Annotated[str, typer.Option(help="Day or moment in ISO 8601, as 2026-11-01.")],
    version: Annotated[str, typer.Option(help="By default the one in force.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Work the difference out and write nothing.")] = False,
    processes: Annotated[int, typer.Option(min=0, max=64, help="That share the work; 0: one a core.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Run rules over stored transcripts again, without sound: progress on stderr, the difference on stdout."""
    from datetime import datetime

    from analytics.dictionary import DictionaryError
    from analytics.dictionary.running_rules import running
    from api.installation.installation import open_database
    from speech.settings import local_now, local_zone

    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        refuse(f"--since wants a day as {local_now():%Y-%m-%d}, got {since!r}", code=2)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=local_zone())
    engine = open_database()
    try:
        in_force = running(engine)
    except DictionaryError as error:
        refuse(error)
    rules = _rules(engine, version) if version else in_force
    found = (_try if dry_run else _run)(engine, rules, moment, processes)
    if as_json:
        print(json.dumps(found.to_json(), ensure_ascii=False))
    else:
        _print_difference(found)


def _try(engine: Engine, rules: RuleSet, since: datetime, processes: int) -> Difference:
    from analytics.rerun.trial import dry_run
    from api.cli.follow import progress_bar
    from api.operations.rules import compared_with

    with progress_bar() as bar:
        task = bar.add_task("trying", total=None)
        return dry_run(
            engine,
            rules,
            against=compared_with(engine, rules.version),
            since=since,
            processes=processes,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _run(engine: Engine, rules: RuleSet, since: datetime, processes: int) -> Difference:
    from api.cli.follow import followed, told_why, with_database
    from api.operations.rules import order_rerun
    from recordings.jobs import JobState
    from recordings.rules.rule_changes import Difference

    job = order_rerun(engine, rules, since=since, by=account(), processes=processes)
    done = followed(with_database(engine), job, doing="re-running")
    if done.state is not JobState.DONE:
        told_why(done)
    for fault in done.result["faults"]:
        print(fault, file=sys.stderr)
    return Difference.from_json(done.result)


def _print_difference(found: Difference) -> None:
    """Plain lines, whatever the width: label, calls before and after, gained and lost, then examples."""
    from api.kit.clock import clock

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


def _rules(engine: Engine, version: str) -> RuleSet:
    """A version read; says why when it cannot be."""
    from analytics.dictionary import DictionaryError
    from analytics.dictionary.running_rules import rule_set

    card = _card(engine, version)
    try:
        rules = rule_set(engine, card.version)
    except DictionaryError as error:
        refuse(error)
    if rules is None:
        refuse(f"{card.version} was made for the rules of an older Otklik: add its files again")
    return rules


def _card(engine: Engine, version: str) -> RuleSetCard:
    from recordings.database import reading
    from recordings.rules.rule_sets import find_rule_set

    with reading(engine) as db:
        card = find_rule_set(db, version)
    if card is None:
        refuse(f"no version {version!r}, or several begin so: see otklik rules list")
    return card
