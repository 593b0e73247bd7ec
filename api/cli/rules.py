"""Dictionaries and versions of the rules."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import AsJson, app

dictionary_app = typer.Typer(no_args_is_help=True, help="Keywords analytics looks for.")
rules_app = typer.Typer(no_args_is_help=True, help="Versions of the rules: list, add, put in force, run over history.")
app.add_typer(dictionary_app, name="dictionary")
app.add_typer(rules_app, name="rules")


@dictionary_app.command("schema")
def dictionary_schema() -> None:
    """JSON schema of dictionaries: editors complete and check while one types."""
    import json

    from analytics.dictionary import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))


@dictionary_app.command("check")
def dictionary_check(paths: Annotated[list[Path], typer.Argument(exists=True)]) -> None:
    """Check keyword dictionaries; prints file:line."""
    from analytics.dictionary import check

    files = [file for path in paths for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]
    problems = [problem for file in files for problem in check(file)]
    for problem in problems:
        print(problem)
    print(f"{len(files)} dictionaries, {len(problems)} problems", file=sys.stderr)
    raise typer.Exit(1 if problems else 0)


@rules_app.command("convert")
def rules_convert(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; 1 where a file would change.")] = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print instead of writing.")] = False,
) -> None:
    """Rewrite dictionaries, scorecards and alerts in today's words of conditions; comments stay, the meaning too."""
    from api.command.rules_convert import convert_files

    raise typer.Exit(convert_files(files, check=check, stdout=stdout))


@rules_app.command("list")
def rules_list() -> None:
    """Versions, the newest first."""
    from api.command.rules import print_rule_sets

    raise typer.Exit(print_rule_sets())


@rules_app.command("add")
def rules_add(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="With <language>/<name>.yaml in it.")],
    note: Annotated[str, typer.Option(help="What is new in it.")] = "",
) -> None:
    """Take the dictionaries of a folder as a draft; prints its version. Nothing changes until it is put in force."""
    from api.command.rules import add_folder

    raise typer.Exit(add_folder(folder, note))


@rules_app.command("activate")
def rules_activate(version: Annotated[str, typer.Argument(help="As many letters of it as are needed.")]) -> None:
    """Put a version in force for new recordings and for what lists and figures show; an old one too."""
    from api.command.rules import activate_version

    raise typer.Exit(activate_version(version))


@rules_app.command("show")
def rules_show(version: Annotated[str, typer.Argument(help="By default the one in force.")] = "") -> None:
    """The files of a version as they were written."""
    from api.command.rules import show_version

    raise typer.Exit(show_version(version))


@rules_app.command("rerun")
def rules_rerun(
    since: Annotated[str, typer.Option(help="Day or moment in ISO 8601, as 2026-11-01.")],
    version: Annotated[str, typer.Option(help="By default the one in force.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Work the difference out and write nothing.")] = False,
    processes: Annotated[int, typer.Option(min=0, max=64, help="That share the work; 0: one a core.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Run rules over stored transcripts again, without sound: progress on stderr, the difference on stdout."""
    from api.command.rules import rerun_rules

    raise typer.Exit(rerun_rules(since, version=version, only_try=dry_run, processes=processes, as_json=as_json))
