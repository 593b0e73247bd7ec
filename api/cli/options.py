"""The command line itself, and options that many commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Language = Annotated[str, typer.Option("--language", "-l", help="ru, en, …")]
RoleName = Literal["agent", "analyst", "quality", "supervisor", "admin"]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]
Files = Annotated[list[Path], typer.Argument(exists=True, readable=True)]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers a company's phone and learns from every call.",
)
