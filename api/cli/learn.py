"""`otklik learn`: what the robot failed on, what it means, and a model that knows it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import AsJson, Language, account, app, refuse

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from recordings.learning.samples import ModelCard, Phrase

SHORT = 8
"""Letters of an id that are shown and taken back."""

learn_app = typer.Typer(no_args_is_help=True, help="What the robot failed on, and a model that knows it.")
app.add_typer(learn_app, name="learn")


@learn_app.command("candidates")
def list_candidates(
    language: Language,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to look.")] = 31,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Phrases the robot failed on or handed over, most often said first."""
    from datetime import UTC, datetime, timedelta

    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from api.installation.installation import open_database
    from recordings.database import reading, transaction
    from recordings.learning import samples

    engine = open_database()
    with transaction(engine) as db:
        new = samples.gather(db, language, since=datetime.now(UTC) - timedelta(days=days))
    with reading(engine) as db:
        phrases, known = samples.candidates(db, language, limit=limit), samples.intents(db, language)
    if as_json:
        for phrase in phrases:
            print(json.dumps(asdict(phrase), ensure_ascii=False))
        return
    table = Table(*(Column(name, no_wrap=True) for name in ("id", "times", "why", "taken for")), "phrase", box=None)
    for phrase in phrases:
        table.add_row(phrase.id[:SHORT], str(phrase.times), phrase.reason, phrase.guess, Text(phrase.text))
    Console(highlight=False).print(table if phrases else "Nothing waits for a label.")
    print(f"{new} new. Intents: {', '.join(known) or 'none yet, start the robot once'}", file=sys.stderr)


@learn_app.command("label")
def label_phrase(
    sample: Annotated[str, typer.Argument(metavar="ID", help="As many letters of it as are needed.")],
    intent: Annotated[str, typer.Argument(help="An intent of the scenario, or none: none of ours.")],
) -> None:
    """Say what a phrase means."""
    from api.installation.installation import open_database
    from api.operations.learning import label_phrase as label
    from recordings.database import reading
    from recordings.learning import samples

    engine = open_database()
    with reading(engine) as db:
        phrase, none = _one(db, sample), samples.NONE_OF_OURS
        known = samples.intents(db, phrase.language)
    if intent != none and intent not in known:
        refuse(f"no intent {intent!r}: one of {', '.join(known)}, or {none}")
    done = label(engine, phrase.id, None if intent == none else intent, by=account())
    print(f"{done.text}: {intent}{', kept back for comparing models' if done.held_back else ''}")


@learn_app.command("reject")
def reject_phrase(sample: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Put a phrase aside: it teaches nothing."""
    from api.installation.installation import open_database
    from api.operations.learning import reject_phrase as reject
    from recordings.database import reading

    engine = open_database()
    with reading(engine) as db:
        phrase = _one(db, sample)
    reject(engine, phrase.id, by=account())
    print(f"{phrase.text}: put aside")


@learn_app.command("train")
def train_model(language: Language) -> None:
    """Train a model on all that is labelled and compare it with the running one. Nothing changes for callers."""
    from analytics.errors import NothingToLearn
    from analytics.learning.intents import propose
    from api.installation.installation import open_database

    def progress(done: int, of: int) -> None:
        print(f"\r{done} of {of} phrases", end="" if done < of else "\n", file=sys.stderr)

    try:
        card = propose(open_database(), language, progress=progress)
    except NothingToLearn as reason:
        refuse(f"nothing to train: {reason}")
    _print_card(card)


@learn_app.command("compare")
def compare_models(version: str) -> None:
    """How a model did on the kept-back phrases, and where it differs from the running one."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from analytics.learning.intents import comparison_of
    from recordings.learning.samples import NONE_OF_OURS

    card = _card(version)
    _print_card(card)
    table = Table("phrase", "means", "running says", "this one says", box=None)
    for row in comparison_of(card).differences:
        table.add_row(Text(row.text), *(intent or NONE_OF_OURS for intent in (row.intent, row.running, row.proposed)))
    Console(highlight=False).print(table)


@learn_app.command("promote")
def promote_model(version: str) -> None:
    """Make a model the running one; refused when it is worse."""
    from api.installation.installation import open_database
    from api.operations.learning import promote_model as promote

    card = _card(version)
    if refusal := promote(open_database(), card, by=account()):
        refuse(f"{version} was not promoted: {refusal}")
    print(f"{version} is the running model of {card.language}: robots take it within seconds, live calls keep theirs")


@learn_app.command("models")
def list_models(language: Language) -> None:
    """Models trained so far."""
    from api.installation.installation import open_database
    from recordings.database import reading
    from recordings.learning import samples

    with reading(open_database()) as db:
        cards = samples.models(db, language)
    for card in cards:
        _print_card(card)
    if not cards:
        print("Only the scenario's own examples are in use.", file=sys.stderr)


def _one(db: Session, sample_id: str) -> Phrase:
    """The only phrase whose id begins so; says why there is none."""
    from recordings.learning.samples import find_samples

    found = find_samples(db, sample_id)
    if len(found) != 1:
        many = "several phrases have ids that begin" if found else "no phrase has an id that begins"
        refuse(f"{many} with {sample_id!r}: see otklik learn candidates")
    return found[0]


def _card(version: str) -> ModelCard:
    from api.installation.installation import open_database
    from recordings.database import reading
    from recordings.learning.samples import find_model

    with reading(open_database()) as db:
        card = find_model(db, version)
    if card is None:
        refuse(f"no model {version!r}: see otklik learn models")
    return card


def _print_card(card: ModelCard) -> None:
    from analytics.learning.intents import comparison_of

    figures = comparison_of(card)
    print(
        f"{card.version}  {card.language}  {card.state}  {card.created_at:%Y-%m-%d %H:%M}  "
        f"{figures.learned} phrases of dialogues learned; of {figures.held_back} kept back it has "
        f"{figures.proposed_right} right, {figures.running} had {figures.running_right}"
    )
