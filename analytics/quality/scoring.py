"""Scorecards at work: the running ones from the table, and the score of each analysis by each of them, kept once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from sqlalchemy.orm import Session

from analytics.conditions.terms import Findings
from analytics.dictionary import RuleSet
from analytics.quality.scorecard import score
from analytics.quality.scorecard_file import read_scorecard
from analytics.quality.scorecard_value import Scorecard
from recordings.calls.facts import CallFacts
from recordings.quality import scorecards
from recordings.results.finding import Finding, FindingKind, Measures
from recordings.rules.rule_sets import score_archive
from speech.yaml_source import Problem

log = logging.getLogger(__name__)

EXAMPLES = Path(__file__).parents[1] / "scorecards"
"""``<language>/*.yaml``, to begin with."""


def running_cards(db: Session) -> tuple[Scorecard, ...]:
    """The scorecards by which calls are scored now."""
    cards = [card_of(stored.text) for stored in scorecards.list_scorecards(db, running_only=True)]
    return tuple(card for card in cards if card)


@lru_cache(maxsize=64)
def card_of(text: str) -> Scorecard | None:
    """A stored text as a scorecard; None for one this version of the program no longer understands, which is logged."""
    card, problems = read_scorecard(text)
    if card is None:
        log.error("a stored scorecard is passed over: %s", "; ".join(map(str, problems)))
    return card


def add_card(db: Session, text: str, *, file: str = "scorecard", by: str) -> tuple[Scorecard | None, list[Problem]]:
    """Make a text the running version; with an error nothing changes and the running version stays.

    The archive is scored by it in the background: a job is written down, and the sweep sends it.
    """
    card, problems = read_scorecard(text, file)
    if card:
        scorecards.add_scorecard(db, version=card.version, name=card.name, text=text, by=by)
        score_archive(db)
    return card, problems


def unknown_labels(card: Scorecard, rules: RuleSet) -> tuple[str, ...]:
    """Categories the scorecard asks for that no dictionary of its language has: it would never find them."""
    lexicons = [rules.lexicon(card.language)] if card.language else list(rules.by_language.values())
    known = {category.label for lexicon in lexicons if lexicon for category in lexicon.categories}
    conditions = [*card.applies_if, *(each for item in card.items() for each in (*item.rule, *item.applies_if))]
    asked = {
        term.label
        for condition in conditions
        for term in condition.terms()
        if isinstance(term, Findings) and term.kind is FindingKind.KEYWORD
    }
    return tuple(
        sorted(
            label
            for label in asked - {""}
            if label not in known and not any(name.startswith(f"{label}/") for name in known)
        )
    )


def keep_scores(
    db: Session,
    cards: Sequence[Scorecard],
    *,
    recording_id: str,
    analysis_id: str,
    measures: Measures,
    findings: Sequence[Finding],
    call: CallFacts,
) -> int:
    """Store the score of an analysis by each scorecard that is for such calls; tells how many were new.

    Words are left out: the seconds lead to them, and redaction need not look here.
    """
    kept = 0
    for card in cards:
        made = score(card, measures, findings, call)
        if made.answers:
            kept += scorecards.insert_score_once(
                db,
                analysis_id=analysis_id,
                recording_id=recording_id,
                scorecard=made.scorecard,
                answers={item: replace(answer, quote="") for item, answer in made.answers.items()},
                score=made.score,
            )
    return kept
