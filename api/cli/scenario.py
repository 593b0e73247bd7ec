"""What the robot says, and what it learns."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.options import AsJson, Files, Language, app

scenario_app = typer.Typer(no_args_is_help=True, help="What the robot says and waits for.")
learn_app = typer.Typer(no_args_is_help=True, help="What the robot failed on, and a model that knows it.")
app.add_typer(scenario_app, name="scenario")
app.add_typer(learn_app, name="learn")


@scenario_app.command("check")
def scenario_check(files: Files) -> None:
    """Find unreachable nodes, dead ends, missing prompts and unknown slots; prints file:line."""
    from ivr.scenario.scenario import check

    problems = [problem for file in files for problem in check(file)]
    for problem in problems:
        print(problem)
    print(f"{len(files)} scenarios, {len(problems)} problems", file=sys.stderr)
    raise typer.Exit(1 if problems else 0)


@scenario_app.command("schema")
def scenario_schema(
    job: Annotated[bool, typer.Option(help="Of the files that scenarios include.")] = False,
) -> None:
    """JSON schema of scenario files: editors complete and check while one types."""
    import json

    from ivr.scenario.file import JobFile, ScenarioFile, schema

    print(json.dumps(schema(JobFile if job else ScenarioFile), indent=2, ensure_ascii=False))


@scenario_app.command("test")
def scenario_test(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Conversations: YAML files, or folders of them.")],
    way: Annotated[Literal["text", "audio", "call"], typer.Option("--as", help="Typed, heard, or over SIP.")] = "text",
    language: Annotated[str, typer.Option("--language", "-l", help="Only this one.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="Only conversations that have one of these.")] = None,
    noise: Annotated[float | None, typer.Option(help="Speech above the line's noise, dB.", min=-10, max=60)] = None,
    verbose: Annotated[bool, typer.Option(help="Print every conversation word by word.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have simulated callers hold conversations and compare; calls go to a running robot."""
    from api.command.scenario_test import hold_conversations

    raise typer.Exit(
        hold_conversations(
            paths, way=way, language=language, tags=tag or [], noise=noise, as_json=as_json, verbose=verbose
        )
    )


@scenario_app.command("talk")
def scenario_talk(file: Annotated[Path, typer.Argument(exists=True)]) -> None:
    """Talk with a scenario by text."""
    from ivr.simulation.console import talk

    raise typer.Exit(talk(file))


@learn_app.command("candidates")
def learn_candidates(
    language: Language,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to look.")] = 31,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Phrases the robot failed on or handed over, most often said first."""
    from api.command.learn import print_candidates

    raise typer.Exit(print_candidates(language, days=days, limit=limit, as_json=as_json))


@learn_app.command("label")
def learn_label(
    sample: Annotated[str, typer.Argument(metavar="ID", help="As many letters of it as are needed.")],
    intent: Annotated[str, typer.Argument(help="An intent of the scenario, or none: none of ours.")],
) -> None:
    """Say what a phrase means."""
    from api.command.learn import label_phrase

    raise typer.Exit(label_phrase(sample, intent))


@learn_app.command("reject")
def learn_reject(sample: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Put a phrase aside: it teaches nothing."""
    from api.command.learn import reject_phrase

    raise typer.Exit(reject_phrase(sample))


@learn_app.command("train")
def learn_train(language: Language) -> None:
    """Train a model on all that is labelled and compare it with the running one. Nothing changes for callers."""
    from api.command.learn import train_model

    raise typer.Exit(train_model(language))


@learn_app.command("compare")
def learn_compare(version: str) -> None:
    """How a model did on the kept-back phrases, and where it differs from the running one."""
    from api.command.learn import compare_models

    raise typer.Exit(compare_models(version))


@learn_app.command("promote")
def learn_promote(version: str) -> None:
    """Make a model the running one; refused when it is worse."""
    from api.command.learn import promote_model

    raise typer.Exit(promote_model(version))


@learn_app.command("models")
def learn_models(language: Language) -> None:
    """Models trained so far."""
    from api.command.learn import print_models

    raise typer.Exit(print_models(language))
