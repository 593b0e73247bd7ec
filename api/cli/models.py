"""`otklik models`: the models that hear, listed, fetched, brought by hand, verified."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import AsJson, app, refuse

if TYPE_CHECKING:
    from rich.progress import Progress

    from speech.models.models import Installed

Names = Annotated[list[str] | None, typer.Argument()]
models_app = typer.Typer(no_args_is_help=True, help="Speech models: list, pull, add, verify.")
app.add_typer(models_app, name="models")


@models_app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """The catalogue, and which of it is here."""
    from rich.console import Console
    from rich.table import Column, Table

    from speech.models import models

    known = models.list_models(_folder())
    if as_json:
        for model, installed in known:
            state = {"installed": installed is not None, "pinned": model.pinned, "trusted": _trusted(installed)}
            print(json.dumps({**asdict(model), **state}, ensure_ascii=False, default=str))
        return
    table = Table(Column("model", no_wrap=True), "here", "sha256", "languages", "MB", "licence", "what for", box=None)
    for model, installed in known:
        here = "yes" if installed else "-"
        checked = "first download" if _trusted(installed) or not model.pinned else "catalogue"
        if installed and installed.source == models.ADDED_BY_HAND:
            checked = "by hand"
        table.add_row(
            model.name, here, checked, " ".join(model.languages), f"{model.size / 1e6:.0f}", model.license, model.about
        )
    Console().print(table)


@models_app.command("pull")
def pull_models(
    names: Names = None,
    needed: Annotated[bool, typer.Option(help="What Russian and English calls need.")] = False,
    tests: Annotated[bool, typer.Option(help="With --needed: what the tests need as well.")] = False,
) -> None:
    """Fetch models from the catalogue's sources in order; interrupted downloads go on where they stopped."""
    from speech.models import models

    if needed:
        return _pull_needed(tests=tests)
    if not names:
        refuse("name a model of `otklik models list`, or say --needed", code=2)
    folder = _folder()

    def pull(name: str, progress: Callable[[str, int, int], None]) -> str:
        models.pull(folder, name, progress)
        return f"installed and verified{models.trusts(folder, name)}"

    return _each(names, pull)


@models_app.command("add")
def add_model(
    path: Annotated[Path, typer.Argument(exists=True, help="Folder or zip brought from elsewhere.")],
    language: Annotated[str, typer.Option("--language", "-l", help="Of a model the catalogue does not know.")] = "",
    engine: Annotated[str, typer.Option(help="vosk or whisper; guessed from the files.")] = "",
) -> None:
    """Take a model brought by hand, for machines without a network."""
    from speech.errors import SpeechError
    from speech.models import models

    try:
        folder = models.add(_folder(), path, language=language, engine=engine)
    except SpeechError as error:
        refuse(error)
    print(f"{folder.name}: installed", file=sys.stderr)


@models_app.command("verify")
def verify_models(names: Names = None) -> None:
    """Check the files of installed models against what was verified when they came."""
    from speech.models import models

    folder = _folder()
    here = [model.name for model, installed in models.list_models(folder) if installed]

    def verify(name: str, _: object) -> str:
        models.verify(folder, name)
        return f"verified{models.trusts(folder, name)}"

    _each(names or here, verify)


def _folder() -> Path:
    from speech.settings import SpeechSettings

    return SpeechSettings().models_dir


def _pull_needed(*, tests: bool) -> None:
    """Fetch what Russian and English calls need; where a model cannot be had, say what takes its place."""
    from speech.errors import SpeechError
    from speech.models import standard_models

    with _bar() as bar:
        try:
            standard_models.pull_standard(
                _folder(), tests=tests, progress=_reporter(bar), say=lambda line: bar.console.print(line)
            )
        except SpeechError as error:
            bar.console.print(str(error), style="red")
            raise typer.Exit(1) from None


def _trusted(installed: Installed | None) -> str:
    return installed.trusted if installed else ""


def _each(names: Sequence[str], work: Callable[[str, Callable[[str, int, int], None]], str]) -> None:
    from speech.errors import SpeechError

    failed = False
    with _bar() as bar:
        for name in names:
            try:
                done = work(name, _reporter(bar))
            except SpeechError as error:
                failed = True
                bar.console.print(str(error), style="red")
            else:
                bar.console.print(f"{name}: {done}")
    raise typer.Exit(1 if failed else 0)


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True, highlight=False, soft_wrap=True),
        transient=True,
    )


def _reporter(bar: Progress) -> Callable[[str, int, int], None]:
    tasks = {}

    def report(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what.rsplit("/", 1)[-1][:40])
        bar.update(tasks[what], completed=done, total=total or None)

    return report
