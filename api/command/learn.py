"""`otklik learn …`: what the robot failed on, what it means, and a model that knows it."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text
from sqlalchemy.orm import Session

from analytics.errors import NothingToLearn
from analytics.learning.intents import comparison_of, promote, propose
from api.installation.installation import open_database
from recordings.database import reading, transaction
from recordings.learning import samples
from recordings.learning.samples import ModelCard, Phrase

SHORT = 8
"""Letters of an id that are shown and taken back."""


def print_candidates(language: str, *, days: int, limit: int, as_json: bool) -> int:
    """Look through the last days' dialogues, then list what waits for a label."""
    engine = open_database()
    with transaction(engine) as db:
        new = samples.gather(db, language, since=datetime.now(UTC) - timedelta(days=days))
    with reading(engine) as db:
        phrases, known = samples.candidates(db, language, limit=limit), samples.intents(db, language)
    if as_json:
        for phrase in phrases:
            print(json.dumps(asdict(phrase), ensure_ascii=False))
        return 0
    table = Table(*(Column(name, no_wrap=True) for name in ("id", "times", "why", "taken for")), "phrase", box=None)
    for phrase in phrases:
        table.add_row(phrase.id[:SHORT], str(phrase.times), phrase.reason, phrase.guess, Text(phrase.text))
    console = Console(highlight=False)
    console.print(table if phrases else "Nothing waits for a label.")
    print(f"{new} new. Intents: {', '.join(known) or 'none yet, start the robot once'}", file=sys.stderr)
    return 0


def label_phrase(sample_id: str, intent: str) -> int:
    """Say what one phrase means."""
    engine = open_database()
    with transaction(engine) as db:
        phrase = _one(db, sample_id)
        if phrase is None:
            return 1
        known = samples.intents(db, phrase.language)
        if intent != samples.NONE_OF_OURS and intent not in known:
            print(f"no intent {intent!r}: one of {', '.join(known)}, or {samples.NONE_OF_OURS}", file=sys.stderr)
            return 1
        meant = None if intent == samples.NONE_OF_OURS else intent
        done = samples.label(db, phrase.id, meant, by=getpass.getuser())
    print(f"{done.text}: {intent}{', kept back for comparing models' if done.held_back else ''}")
    return 0


def reject_phrase(sample_id: str) -> int:
    """Put one phrase aside for good."""
    with transaction(open_database()) as db:
        phrase = _one(db, sample_id)
        if phrase is None:
            return 1
        samples.reject(db, phrase.id, by=getpass.getuser())
    print(f"{phrase.text}: put aside")
    return 0


def _one(db: Session, sample_id: str) -> Phrase | None:
    found = samples.find_samples(db, sample_id)
    if len(found) == 1:
        return found[0]
    many = "several phrases have ids that begin" if found else "no phrase has an id that begins"
    print(f"{many} with {sample_id!r}: see otklik learn candidates", file=sys.stderr)
    return None


def train_model(language: str) -> int:
    """Train on all that is labelled, and compare."""

    def progress(done: int, of: int) -> None:
        print(f"\r{done} of {of} phrases", end="" if done < of else "\n", file=sys.stderr)

    try:
        card = propose(open_database(), language, progress=progress)
    except NothingToLearn as reason:
        print(f"nothing to train: {reason}", file=sys.stderr)
        return 1
    _print_card(card)
    return 0


def compare_models(version: str) -> int:
    """How a model did against the one that was running, and where they differ."""
    card = _card(version)
    if card is None:
        return 1
    _print_card(card)
    table = Table("phrase", "means", "running says", "this one says", box=None)
    for row in comparison_of(card).differences:
        table.add_row(
            Text(row.text), *(intent or samples.NONE_OF_OURS for intent in (row.intent, row.running, row.proposed))
        )
    Console(highlight=False).print(table)
    return 0


def promote_model(version: str) -> int:
    """Make a model the running one; refused when it is worse."""
    card = _card(version)
    if card is None:
        return 1
    if refusal := promote(open_database(), card, by=getpass.getuser()):
        print(f"{version} was not promoted: {refusal}", file=sys.stderr)
        return 1
    print(f"{version} is the running model of {card.language}: robots take it within seconds, live calls keep theirs")
    return 0


def print_models(language: str) -> int:
    """Models of a language, newest first."""
    with reading(open_database()) as db:
        cards = samples.models(db, language)
    for card in cards:
        _print_card(card)
    if not cards:
        print("Only the scenario's own examples are in use.", file=sys.stderr)
    return 0


def _card(version: str) -> ModelCard | None:
    with reading(open_database()) as db:
        card = samples.find_model(db, version)
    if card is None:
        print(f"no model {version!r}: see otklik learn models", file=sys.stderr)
    return card


def _print_card(card: ModelCard) -> None:
    figures = comparison_of(card)
    print(
        f"{card.version}  {card.language}  {card.state}  {card.created_at:%Y-%m-%d %H:%M}  "
        f"{figures.learned} phrases of dialogues learned; of {figures.held_back} kept back it has "
        f"{figures.proposed_right} right, {figures.running} had {figures.running_right}"
    )
