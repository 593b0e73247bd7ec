"""JSON lines in, JSON lines out: what texts mean."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import app

intents_app = typer.Typer(no_args_is_help=True, help="What a phrase asks for, learnt from examples.")
sentiment_app = typer.Typer(help="How content people sound in their words.")
app.add_typer(intents_app, name="intents")
app.add_typer(sentiment_app, name="sentiment")


@app.command()
def slots(
    language: Annotated[str, typer.Option("--language", "-l", help="ru or en")],
    expect: Annotated[str, typer.Option(help="number, ordinal, digits, date, time, datetime, name, phone, email, …")],
    now: Annotated[str, typer.Option(help="What relative dates start from, as 2026-11-24T10:00; by default now.")] = "",
    region: Annotated[str, typer.Option(help="Of phones, currency and typed dates; RU for ru, US for en.")] = "",
) -> None:
    """Find a value of a kind in each {"text"} of stdin: {"value", "confidence"}, a JSON line a line."""
    from api.command.meaning import print_slots

    raise typer.Exit(print_slots(language, expect, now, region))


@app.command()
def numbers(language: Annotated[str, typer.Option("--language", "-l", help="ru or en")]) -> None:
    """Write the spoken numbers of each {"text"} of stdin in digits: {"text"}, a JSON line a line."""
    from api.command.meaning import print_written

    raise typer.Exit(print_written(language))


@app.command()
def redact(language: Annotated[str, typer.Option("--language", "-l", help="ru or en")]) -> None:
    """Put personal data out of each {"text"} of stdin: {"text", "spans": [{"start", "end", "kind"}]}, a line a line."""
    from api.command.redaction import print_redacted

    raise typer.Exit(print_redacted(language))


@app.command()
def keywords(
    language: Annotated[str, typer.Option("--language", "-l", help="ru, en, …")],
    dictionary: Annotated[Path, typer.Option(exists=True, readable=True, help="YAML file, or a folder of them.")],
    likeness: Annotated[bool, typer.Option(help="Add likeness and threshold, for phrases matched fuzzily.")] = False,
) -> None:
    """Find a dictionary's categories in each {"text"} of stdin: {"hits": [{"category", "phrase", "start", "end"}]}."""
    from api.command.keywords import print_keywords

    raise typer.Exit(print_keywords(language, dictionary, likeness=likeness))


@sentiment_app.callback(invoke_without_command=True)
def sentiment(
    context: typer.Context,
    language: Annotated[str, typer.Option("--language", "-l", help="ru or en")] = "",
) -> None:
    """Tell how each {"text"} of stdin sounds: {"sentiment", "score"}, a line a line; negative, neutral or positive."""
    from api.command.sentiment import print_sentiment

    if context.invoked_subcommand is None:
        raise typer.Exit(print_sentiment(language))


@sentiment_app.command("train")
def sentiment_train(language: Annotated[str, typer.Option("--language", "-l", help="ru or en")]) -> None:
    """Learn our phrases and people's corrections; the model is put in use unless it is worse than the running one."""
    from api.command.sentiment import train_model

    raise typer.Exit(train_model(language))


@intents_app.command("train")
def intents_train(
    source: Annotated[str, typer.Argument(metavar="FILE", help="JSON lines; - reads stdin.")],
    out: Annotated[Path, typer.Option(help="Where the model goes.")],
) -> None:
    """Learn intents from {"text", "intent"}, a JSON line an example; intent null: asks for none of them."""
    from api.command.intents import train_model

    raise typer.Exit(train_model(source, out))


@intents_app.command("predict")
def intents_predict(model: Annotated[Path, typer.Argument(metavar="MODEL")]) -> None:
    """Say what each {"text"} of stdin asks for: {"intent", "confidence"}, a JSON line a line; null is out of scope."""
    from api.command.intents import predict_lines

    raise typer.Exit(predict_lines(model, sys.stdin.buffer, sys.stdout.buffer))
