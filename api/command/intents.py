"""Understanding on the command line: `otklik intents …`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import Progress

from api.command.json_lines import BadLine, Row, each_line, read_rows, text_field
from speech.errors import ModelFileError
from speech.intents.intents import Sample, load, save, train


def train_model(source: str, out: Path) -> int:
    """Learn from rows of text and intent, write the model and print what it is.

    Args:
        source: File of JSON lines; ``-`` reads stdin. A row whose intent is null asks for none of the intents.
        out: Where the model goes.
    """
    try:
        rows = _rows(source)
        samples, outside = _sorted_out(rows)
    except (BadLine, OSError) as problem:
        print(f"{source}: {problem}", file=sys.stderr)
        return 1
    console = Console(stderr=True)
    try:
        with Progress(console=console) as bar:
            task = bar.add_task("phrases", total=None)
            model = train(
                samples,
                outside=outside,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        save(model, out)
    except ValueError as problem:
        print(f"{source}: {problem}; each row is {{'text': …, 'intent': …}}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"{out}: cannot be written: {problem.strerror or problem}", file=sys.stderr)
        return 1
    summary = {
        "version": model.version,
        "intents": len(model.intents),
        "samples": len(samples),
        "outside": len(outside),
        "accuracy": round(model.accuracy, 4),  # of samples left out
    }
    print(json.dumps(summary))
    return 0


def predict_lines(path: Path, source: BinaryIO, sink: BinaryIO) -> int:
    """Answer rows of text with intent and confidence."""
    try:
        model = load(path)
    except ModelFileError as problem:
        print(problem, file=sys.stderr)
        return 1

    def answer(row: Row) -> Row:
        found = model.predict(text_field(row))
        return {"intent": found.intent, "confidence": found.confidence}

    return each_line(source, answer, sink)


def _rows(source: str) -> list[Row]:
    if source == "-":
        return read_rows(sys.stdin.buffer)
    with Path(source).open("rb") as file:
        return read_rows(file)


def _sorted_out(rows: Sequence[Row]) -> tuple[list[Sample], list[str]]:
    """Samples, and texts that ask for none of the intents.

    Raises:
        BadLine: a row lacks its text or intent; says its number.
    """
    samples, outside = [], []
    for number, row in enumerate(rows, start=1):
        try:
            text = text_field(row)
            if not text.strip():
                raise BadLine("'text' is empty")
            if "intent" in row and row["intent"] is None:
                outside.append(text)
                continue
            intent = text_field(row, "intent")
            if not intent.strip():
                raise BadLine("'intent' is empty; null is for what asks for none of them")
            samples.append(Sample(text=text, intent=intent))
        except BadLine as problem:
            raise BadLine(f"line {number}: {problem}") from problem
    return samples, outside
