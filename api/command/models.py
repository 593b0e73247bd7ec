"""Speech models on the command line: `otklik models …`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from speech.errors import SpeechError
from speech.models import models
from speech.settings import SpeechSettings

console = Console(stderr=True, highlight=False, soft_wrap=True)


def print_models(*, as_json: bool) -> int:
    """Every model of the catalogue and every added one, with what is here."""
    known = models.list_models(SpeechSettings().models_dir)
    if as_json:
        for model, installed in known:
            print(json.dumps({**asdict(model), "installed": installed is not None}, ensure_ascii=False, default=str))
        return 0
    table = Table(Column("model", no_wrap=True), "here", "languages", "MB", "licence", "what for", box=None)
    for model, installed in known:
        here = "yes" if installed else "-"
        table.add_row(
            model.name, here, " ".join(model.languages), f"{model.size / 1e6:.0f}", model.license, model.about
        )
    Console().print(table)
    return 0


def pull_models(names: Sequence[str]) -> int:
    """Fetch the named models."""
    if not names:
        print("name a model of `otklik models list`, or say --needed", file=sys.stderr)
        return 2
    folder = SpeechSettings().models_dir
    return _each(names, lambda name, progress: models.pull(folder, name, progress), done="installed and verified")


def pull_needed(*, tests: bool) -> int:
    """Fetch what Russian and English calls need; where a model cannot be had, say what takes its place."""
    with _bar() as bar:
        try:
            models.pull_standard(
                SpeechSettings().models_dir,
                tests=tests,
                progress=_reporter(bar),
                say=lambda line: bar.console.print(line),
            )
        except SpeechError as error:
            bar.console.print(str(error), style="red")
            return 1
    return 0


def add_model(path: Path, *, language: str, engine: str) -> int:
    """Take a folder or zip brought by hand."""
    try:
        folder = models.add(SpeechSettings().models_dir, path, language=language, engine=engine)
    except SpeechError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{folder.name}: installed", file=sys.stderr)
    return 0


def verify_models(names: Sequence[str]) -> int:
    """Check the files of the named models, or of all that are here."""
    folder = SpeechSettings().models_dir
    here = [model.name for model, installed in models.list_models(folder) if installed]
    return _each(names or here, lambda name, _progress: models.verify(folder, name), done="verified")


def _each(names: Sequence[str], work: Callable[[str, Callable[[str, int, int], None]], object], *, done: str) -> int:
    failed = 0
    with _bar() as bar:
        for name in names:
            try:
                work(name, _reporter(bar))
            except SpeechError as error:
                failed += 1
                bar.console.print(str(error), style="red")
            else:
                bar.console.print(f"{name}: {done}")
    return 1 if failed else 0


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _reporter(bar: Progress) -> Callable[[str, int, int], None]:
    tasks = {}

    def report(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what.rsplit("/", 1)[-1][:40])
        bar.update(tasks[what], completed=done, total=total or None)

    return report
