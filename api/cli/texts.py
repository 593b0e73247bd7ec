"""What texts mean, JSON lines in and out: `otklik slots`, `numbers`, `redact`, `keywords`, `sentiment`, `intents`."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.json_lines import BadLine, Row, each_line, read_rows, text_field
from api.cli.options import Language, RuOrEn, app, refuse

if TYPE_CHECKING:
    from analytics.dictionary import Hit, Lexicon
    from speech.intents.intents import Sample
    from speech.recognition.words import Speaker

intents_app = typer.Typer(no_args_is_help=True, help="What a phrase asks for, learned from examples.")
sentiment_app = typer.Typer(help="How content people sound in their words.")
app.add_typer(intents_app, name="intents")
app.add_typer(sentiment_app, name="sentiment")


@app.command("slots")
def find_slots(
    language: RuOrEn,
    expect: Annotated[str, typer.Option(help="number, ordinal, digits, date, time, datetime, name, phone, email, …")],
    now: Annotated[str, typer.Option(help="What relative dates start from, as 2026-11-24T10:00; by default now.")] = "",
    region: Annotated[str, typer.Option(help="Of phones, currency and typed dates; RU for ru, US for en.")] = "",
) -> None:
    """Find a value of a kind in each {"text"} of stdin: {"value", "confidence"}, a JSON line a line."""
    from datetime import datetime

    from speech.settings import local_now
    from speech.slots.slots import KINDS, PACKAGES, find_slot

    _check_one_of("--language", language, PACKAGES)
    _check_one_of("--expect", expect, KINDS)
    if region and not (len(region) == 2 and region.isascii() and region.isalpha()):
        refuse(f"--region wants two letters as RU, US or GB, got {region!r}", code=2)
    try:
        clock = datetime.fromisoformat(now) if now else local_now()
    except ValueError:
        refuse(f"--now wants a moment in ISO 8601 as 2026-11-24T10:00, got {now!r}", code=2)

    def answer(row: Row) -> Row:
        slot = find_slot(text_field(row), expect, language, now=clock, region=region)
        return {"value": slot.value, "confidence": round(slot.confidence, 3)}

    raise typer.Exit(each_line(sys.stdin.buffer, answer, sys.stdout.buffer))


@app.command("numbers")
def write_numbers(language: RuOrEn) -> None:
    """Write the spoken numbers of each {"text"} of stdin in digits: {"text"}, a JSON line a line."""
    from speech.slots.inverse_text_normalization import written
    from speech.slots.slots import PACKAGES

    _check_one_of("--language", language, PACKAGES)

    def answer(row: Row) -> Row:
        return {"text": written(text_field(row), language)}

    raise typer.Exit(each_line(sys.stdin.buffer, answer, sys.stdout.buffer))


@app.command("redact")
def redact(language: RuOrEn) -> None:
    """Put personal data out of each {"text"} of stdin: {"text", "spans": [{"start", "end", "kind"}]}, a line a line."""
    from speech.redaction.redaction import find_private, put_out
    from speech.slots.slots import PACKAGES

    _check_one_of("--language", language, PACKAGES)

    def answer(row: Row) -> Row:  # the spans count characters of the input
        text = text_field(row)
        spans = find_private(text, language)
        shown = [{"start": span.start, "end": span.end, "kind": span.kind} for span in spans]
        return {"text": put_out(text, spans, language), "spans": shown}

    raise typer.Exit(each_line(sys.stdin.buffer, answer, sys.stdout.buffer))


@app.command("keywords")
def find_keywords(
    language: Language,
    dictionary: Annotated[Path, typer.Option(exists=True, readable=True, help="YAML file, or a folder of them.")],
    likeness: Annotated[bool, typer.Option(help="Add likeness and threshold, for phrases matched fuzzily.")] = False,
) -> None:
    """Find a dictionary's categories in each {"text"} of stdin: {"hits": [{"category", "phrase", "start", "end"}]}."""
    from speech.text.language import languages

    _check_one_of("--language", language, languages())
    lexicon = _read_lexicon(language, dictionary)

    def answer(row: Row) -> Row:
        # A line may name its speaker; where it does not, nobody is asked for. Nor is anything asked of the time: a line
        # has none. What a category wants of a whole call it wants of the line.
        return {"hits": _hits(lexicon, text_field(row), _speaker(row), likeness)}

    raise typer.Exit(each_line(sys.stdin.buffer, answer, sys.stdout.buffer))


@sentiment_app.callback(invoke_without_command=True)
def find_sentiment(context: typer.Context, language: RuOrEn = "") -> None:
    """Tell how each {"text"} of stdin sounds: {"sentiment", "score"}, a line a line; negative, neutral or positive."""
    if context.invoked_subcommand is not None:
        return
    from speech.sentiment.sentiment import sentiment

    _check_one_of("--language", language, _felt_languages())

    def answer(row: Row) -> Row:
        felt = sentiment(text_field(row), language)
        return {"sentiment": felt.label, "score": round(felt.value, 3)}

    raise typer.Exit(each_line(sys.stdin.buffer, answer, sys.stdout.buffer))


@sentiment_app.command("train")
def train_sentiment(language: RuOrEn) -> None:
    """Learn our phrases and people's corrections; the model is put in use unless it is worse than the running one."""
    from dataclasses import asdict

    _check_one_of("--language", language, _felt_languages())
    from analytics.learning import sentiment
    from api.installation.installation import open_database

    try:
        done = sentiment.train_sentiment(open_database(), language)
    except (OSError, ImportError) as problem:
        refuse(f"nothing was changed: {problem}")
    print(json.dumps(asdict(done)))
    if not done.promoted:
        refuse(f"{done.version} is worse than {done.running} on the kept-back phrases: not put in use")


@intents_app.command("train")
def train_intents(
    source: Annotated[str, typer.Argument(metavar="FILE", help="JSON lines; - reads stdin.")],
    out: Annotated[Path, typer.Option(help="Where the model goes.")],
) -> None:
    """Learn intents from {"text", "intent"}, a JSON line an example; intent null: asks for none of them."""
    from rich.console import Console
    from rich.progress import Progress

    from speech.intents.intents import save, train

    try:
        samples, outside = _sorted_out(_rows(source))
    except (BadLine, OSError) as problem:
        refuse(f"{source}: {problem}")
    try:
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task("phrases", total=None)
            model = train(
                samples,
                outside=outside,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        save(model, out)
    except ValueError as problem:
        refuse(f"{source}: {problem}; each row is {{'text': …, 'intent': …}}")
    except OSError as problem:
        refuse(f"{out}: cannot be written: {problem.strerror or problem}")
    summary = {
        "version": model.version,
        "intents": len(model.intents),
        "samples": len(samples),
        "outside": len(outside),
        "accuracy": round(model.accuracy, 4),  # of samples left out
    }
    print(json.dumps(summary))


@intents_app.command("predict")
def predict_intents(model: Annotated[Path, typer.Argument(metavar="MODEL")]) -> None:
    """Say what each {"text"} of stdin asks for: {"intent", "confidence"}, a JSON line a line; null is out of scope."""
    from speech.errors import ModelFileError
    from speech.intents.intents import load

    try:
        loaded = load(model)
    except ModelFileError as problem:
        refuse(problem)

    def answer(row: Row) -> Row:
        found = loaded.predict(text_field(row))
        return {"intent": found.intent, "confidence": found.confidence}

    raise typer.Exit(each_line(sys.stdin.buffer, answer, sys.stdout.buffer))


def _check_one_of(option: str, value: str, known: Collection[str]) -> None:
    if value not in known:
        refuse(f"{option} wants one of {', '.join(known)}, got {value!r}", code=2)


def _felt_languages() -> list[str]:
    """Languages that have samples of sentiment."""
    from speech.sentiment.samples import samples
    from speech.text.language import languages

    return [name for name in languages() if samples(name)]


def _read_lexicon(language: str, dictionary: Path) -> Lexicon:
    """A dictionary file, or all of a folder, of one language; faults are told on stderr."""
    from analytics.dictionary import Category, Lexicon, read_dictionary
    from speech.yaml_source import FileRefused, Problem, read_text

    files = sorted(dictionary.rglob("*.y*ml")) if dictionary.is_dir() else [dictionary]
    categories: list[Category] = []
    problems: list[Problem] = []
    for file in files:
        try:
            reading = read_dictionary(read_text(file), language, file)
        except FileRefused as refused:
            problems += refused.problems
        else:
            categories += reading.categories
            problems += reading.problems
    if not files:
        problems.append(Problem(file=str(dictionary), line=1, text="no dictionary here: want *.yaml"))
    if problems:
        refuse(*problems)
    return Lexicon(categories, language)


def _hits(lexicon: Lexicon, text: str, speaker: Speaker | None, likeness: bool) -> list[Row]:
    from analytics.dictionary import LexiconUtterance
    from analytics.dictionary.words import placed_words

    words = placed_words(text)
    hits = lexicon.find([LexiconUtterance(words=[placed.word for placed in words], speaker=speaker)])
    return [
        {
            "category": hit.label,
            "phrase": hit.phrase.written,
            "start": words[hit.first].start,
            "end": words[hit.last].end,
        }
        | (_likeness(hit) if likeness else {})
        for hit in hits
    ]


def _likeness(hit: Hit) -> Row:
    """How like the least like word is, and how like it has to be; 1 and null where all words are right."""
    return {"likeness": hit.likeness, "threshold": hit.phrase.fuzzy}


def _speaker(row: Row) -> Speaker | None:
    """Who said it (caller, robot, agent); None where the line does not name them."""
    from speech.recognition.words import Speaker

    if "speaker" not in row:
        return None
    try:
        return Speaker(row["speaker"])
    except ValueError:
        raise BadLine(f"'speaker' wants one of {', '.join(Speaker)}, got {row['speaker']!r:.80}") from None


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
    from speech.intents.intents import Sample

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
