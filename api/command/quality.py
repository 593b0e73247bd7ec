"""`otklik scorecard …`, `agents …`, `draws …`: what calls are scored by, of whom, and which were drawn."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from analytics.quality.scorecard_file import LONGEST_TEXT, read_scorecard, schema
from analytics.quality.scorecard_value import Scorecard
from analytics.quality.scoring import add_card
from api.installation.installation import open_database
from recordings.database import reading, transaction
from recordings.quality import agents, sampling, scorecards
from speech.yaml_source import FileRefused, Problem, read_text


def check_scorecards(files: Sequence[Path]) -> int:
    """Print every problem as file:line; nothing is changed."""
    problems = [problem for file in files for problem in _read(file)[2]]
    for problem in problems:
        print(problem)
    print(f"{len(files)} scorecards, {len(problems)} problems", file=sys.stderr)
    return 1 if problems else 0


def add_scorecards(files: Sequence[Path]) -> int:
    """Make each file the running version of its name; with a problem in any of them nothing changes."""
    if problems := [problem for file in files for problem in _read(file)[2]]:
        for problem in problems:
            print(problem)
        print("nothing was changed: the running versions stay", file=sys.stderr)
        return 1
    with transaction(open_database()) as db:
        for file in files:
            _, text, _ = _read(file)
            card, _ = add_card(db, text, file=str(file), by=getpass.getuser())
            if card:
                print(f"{card.name} {card.version} is running", file=sys.stderr)
    return 0


def print_scorecards(*, as_json: bool) -> int:
    """All versions, the running ones first."""
    with reading(open_database()) as db:
        stored = scorecards.list_scorecards(db)
    if as_json:
        for card in stored:
            line = {"name": card.name, "version": card.version, "running": card.running, "by": card.created_by}
            print(json.dumps(line | {"created_at": card.created_at.isoformat()}, ensure_ascii=False))
        return 0
    table = Table("name", "version", "state", "by", "since")
    for card in stored:
        state = "running" if card.running else "retired"
        table.add_row(card.name, card.version, state, card.created_by, f"{card.created_at:%Y-%m-%d %H:%M}")
    Console().print(table)
    return 0


def print_schema() -> int:
    """JSON schema of scorecard files."""
    print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return 0


def set_agent(endpoint: str, *, name: str, team: str) -> int:
    """Name who answers an endpoint."""
    try:
        with transaction(open_database()) as db:
            agent = agents.set_agent(db, endpoint, name=name, team=team)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{agent.endpoint} is {agent.name}" + (f" of {agent.team}" if agent.team else ""), file=sys.stderr)
    return 0


def print_agents(*, as_json: bool) -> int:
    """Everybody who is named or has taken a call."""
    with reading(open_database()) as db:
        found = agents.list_agents(db)
    if as_json:
        for agent in found:
            print(json.dumps({"endpoint": agent.endpoint, "name": agent.name, "team": agent.team}, ensure_ascii=False))
        return 0
    table = Table("endpoint", "name", "team")
    for agent in found:
        table.add_row(agent.endpoint, agent.name, agent.team)
    Console().print(table)
    return 0


def print_draws(*, as_json: bool) -> int:
    """Samples drawn so far, newest first."""
    with reading(open_database()) as db:
        found = sampling.list_draws(db, limit=200)
    if as_json:
        for drawn in found:
            line = {"id": drawn.id, "method": drawn.method, "seed": drawn.seed, "population": drawn.size}
            print(json.dumps(line | {"drawn": list(drawn.drawn), "sha256": drawn.sha256}, ensure_ascii=False))
        return 0
    table = Table("id", "when", "method", Column("drawn", justify="right"), Column("of", justify="right"), "by")
    for drawn in found:
        when = f"{drawn.created_at:%Y-%m-%d %H:%M}"
        table.add_row(drawn.id, when, drawn.method, str(len(drawn.drawn)), str(drawn.size), drawn.created_by)
    Console().print(table)
    return 0


def verify_draw(draw_id: str) -> int:
    """Draw a sample again and compare; exit 1 when it does not repeat."""
    with reading(open_database()) as db:
        known = sampling.find_draw(db, draw_id)
        again = sampling.redraw(db, known) if known else None
    if known is None or again is None:
        print(f"there is no draw {draw_id}", file=sys.stderr)
        return 1
    if not again.repeats:
        print(f"{draw_id}: DIFFERS from what seed {known.seed} gives over {again.size} recordings")
        return 1
    if again.same_population:
        drawn = len(known.drawn)
        print(f"{draw_id}: the same {drawn} of {again.size} recordings, sha256 {known.sha256}, seed {known.seed}")
    else:
        left = len(known.drawn) - again.gone
        print(
            f"{draw_id}: {again.size} recordings fit, {known.size} did; of the drawn {again.gone} are gone,"
            f" the other {left} are what seed {known.seed} gives"
        )
    return 0


def _read(file: Path) -> tuple[Scorecard | None, str, list[Problem]]:
    try:
        text = read_text(file, most=LONGEST_TEXT).replace("\r\n", "\n")
    except FileRefused as refused:
        return None, "", list(refused.problems)
    card, problems = read_scorecard(text, str(file))
    return card, text, problems
