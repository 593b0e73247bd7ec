"""`otklik scenario`: what the robot says and waits for, checked, talked with, tested by simulated callers."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli.options import AsJson, Files, app, refuse

if TYPE_CHECKING:
    from ivr.simulation.conversations import Held

scenario_app = typer.Typer(no_args_is_help=True, help="What the robot says and waits for.")
app.add_typer(scenario_app, name="scenario")


@scenario_app.command("check")
def check_scenarios(files: Files) -> None:
    """Find unreachable nodes, dead ends, missing prompts and unknown slots; prints file:line."""
    from ivr.scenario.scenario import check

    problems = [problem for file in files for problem in check(file)]
    for problem in problems:
        print(problem)
    print(f"{len(files)} scenarios, {len(problems)} problems", file=sys.stderr)
    raise typer.Exit(1 if problems else 0)


@scenario_app.command("schema")
def print_schema(
    job: Annotated[bool, typer.Option(help="Of the files that scenarios include.")] = False,
) -> None:
    """JSON schema of scenario files: editors complete and check while one types."""
    from ivr.scenario.file import JobFile, ScenarioFile, schema

    print(json.dumps(schema(JobFile if job else ScenarioFile), indent=2, ensure_ascii=False))


@scenario_app.command("test")
def hold_conversations(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Conversations: YAML files, or folders of them.")],
    way: Annotated[Literal["text", "audio", "call"], typer.Option("--as", help="Typed, heard, or over SIP.")] = "text",
    language: Annotated[str, typer.Option("--language", "-l", help="Only this one.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="Only conversations that have one of these.")] = None,
    noise: Annotated[float | None, typer.Option(help="Speech above the line's noise, dB.", min=-10, max=60)] = None,
    verbose: Annotated[bool, typer.Option(help="Print every conversation word by word.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have simulated callers hold conversations and compare; calls go to a running robot."""
    from ivr.errors import IvrError
    from ivr.simulation.conversation_file import read_all
    from ivr.simulation.figures import figures, lines
    from ivr.simulation.holding import holders
    from speech.errors import SpeechError

    try:
        conversations = read_all(paths, language=language, tags=tag or [])
        held = []
        with holders(conversations, way=way, noise=noise) as hold_one:
            for conversation in conversations:
                one = hold_one(conversation)
                held.append(one)
                _tell(one, as_json=as_json, verbose=verbose)
    except (IvrError, SpeechError) as error:
        refuse(error)
    found = figures(held)
    if as_json:
        print(json.dumps({"figures": asdict(found)}))
    for line in lines(found):
        print(line, file=sys.stderr)
    raise typer.Exit(1 if found.as_expected < found.conversations or found.loops else 0)


@scenario_app.command("talk")
def talk(file: Annotated[Path, typer.Argument(exists=True)]) -> None:
    """Talk with a scenario by text."""
    from ivr.simulation import console

    raise typer.Exit(console.talk(file))


def _tell(held: Held, *, as_json: bool, verbose: bool) -> None:
    conversation = held.conversation
    if as_json:
        print(json.dumps(_body(held), ensure_ascii=False), flush=True)
        return
    name = f"{conversation.language} {conversation.file.stem}/{conversation.name}"
    print(f"{'ok  ' if not held.differences else 'DIFF'} {name}", flush=True)
    for difference in held.differences:
        print(f"     {difference}")
    if verbose or held.differences:
        for who, text in held.exchange:
            print(f"       {who + ':':8}{text[:300]}")


def _body(held: Held) -> dict[str, Any]:
    return {
        "conversation": held.conversation.name,
        "language": held.conversation.language,
        "file": str(held.conversation.file),
        "line": held.conversation.line,
        "ok": not held.differences,
        "differences": held.differences,
        "outcome": held.outcome,
        "to_person": held.to_person,
        "person_turns": held.person_turns,
        "loops": held.loops,
        "model": held.model,
        "exchange": held.exchange,
    }
