"""The command line itself, options that many commands have, and how a command says no."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

Language = Annotated[str, typer.Option("--language", "-l", help="ru, en, …")]
RuOrEn = Annotated[str, typer.Option("--language", "-l", help="ru or en")]
AnyLanguage = Annotated[str, typer.Option("--language", "-l", help="By default all.")]
Engine = Annotated[str, typer.Option(help="vosk or whisper; by default Vosk where its model is there.")]
RoleName = Literal["agent", "analyst", "quality", "supervisor", "admin"]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]
Files = Annotated[list[Path], typer.Argument(exists=True, readable=True)]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _print_any_name() -> None:
    """Answers a company's phone and learns from every call."""
    if isinstance(sys.stdout, TextIOWrapper):  # a file's name that is no UTF-8 is printed escaped, as in JSON
        sys.stdout.reconfigure(errors="backslashreplace")


def refuse(*lines: object, code: int = 1) -> NoReturn:
    """Say on stderr why it was not done, and end: 1 something failed, 2 wrong usage."""
    for line in lines:
        print(line, file=sys.stderr)
    raise typer.Exit(code)


def account() -> str:
    """How the audit trail names who sits at this command line."""
    import getpass

    return f"cli:{getpass.getuser()}"
