"""Alerts: which rules fire for a contact, and why. Pure functions over values; ``alerting`` does the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analytics.alerts.file import DEFAULT, AlertsError, read_alerts, schema
from analytics.alerts.value import AlertRules, Case, Condition, Raised, Rule
from recordings.results.finding import Evidence, FindingKind
from speech.recognition.words import Speaker, Utterance
from speech.text.tokens import find_phrase, lemma, tokens

__all__ = [
    "DEFAULT",
    "AlertRules",
    "AlertsError",
    "Case",
    "Condition",
    "Raised",
    "Rule",
    "raised",
    "read_alerts",
    "schema",
]

ENOUGH_WORDS = 4
"""Words from which a mean feeling is worth anything."""


def raised(rules: AlertRules, case: Case) -> tuple[Raised, ...]:
    """The rules that fire, each with the earliest seconds that prove one of its conditions."""
    return tuple(found for rule in rules.rules if case.when in rule.when and (found := _raised(rule, case)))


def _raised(rule: Rule, case: Case) -> Raised | None:
    every = [_holds(condition, case) for condition in rule.every]
    some = [_holds(condition, case) for condition in rule.some]
    if not all(every) or (some and not any(some)):
        return None
    proofs = [proof for found in (*every, *some) if found for proof in found if proof is not None]
    return Raised(rule=rule, evidence=min(proofs, key=lambda proof: proof.start, default=None))


def _holds(condition: Condition, case: Case) -> list[Evidence | None]:
    """What proves the condition; ``[None]`` where it holds without sound, nothing where it does not hold."""
    facts, measures = case.facts, case.measures
    if condition.category:
        return list(_in_category(condition, case))
    if condition.said is not None:
        phrases = condition.said.get(facts.language, ())
        return [_proof(said) for said in _of(condition, case) if _says(said, phrases, facts.language)]
    if condition.sentiment_below is not None or condition.sentiment_above is not None:
        return _felt(condition, case)
    if condition.silence is not None:
        return list(_silences(condition.silence, case))
    if condition.measure:
        value = getattr(measures, condition.measure, None) if measures else None
        return [None] if value is not None and _within(value, condition.below, condition.above) else []
    if condition.rating is not None:
        return [None] if case.rating is not None and case.rating <= condition.rating else []
    wanted = condition.segment or condition.outcome or condition.team
    known = facts.segment if condition.segment else facts.outcome if condition.outcome else facts.team
    return [None] if known and known.lower() in (name.lower() for name in wanted) else []


def _in_category(condition: Condition, case: Case) -> Iterator[Evidence]:
    for found in case.findings:
        inside = found.label == condition.category or found.label.startswith(f"{condition.category}/")
        if found.kind is FindingKind.KEYWORD and inside and condition.speaker in (None, found.speaker):
            yield found.evidence


def _of(condition: Condition, case: Case) -> list[Utterance]:
    return [said for said in case.said if _meant(condition, said)]


def _meant(condition: Condition, said: Utterance) -> bool:
    return said.speaker is condition.speaker if condition.speaker else said.speaker is not Speaker.ROBOT


def _says(said: Utterance, phrases: Sequence[tuple[str, ...]], language: str) -> bool:
    words = [lemma(word, language) for word in tokens(said.text)]
    return any(find_phrase(words, list(phrase)) >= 0 for phrase in phrases)


def _felt(condition: Condition, case: Case) -> list[Evidence | None]:
    """Mean over the words; the proof is the utterance that is furthest out."""
    felt = [
        (said, feeling)
        for said, feeling in zip(case.said, case.feelings, strict=False)
        if feeling is not None and _meant(condition, said)
    ]
    words = [len(tokens(said.text)) for said, _ in felt]
    if sum(words) < ENOUGH_WORDS:
        return []
    mean = sum(feeling * count for (_, feeling), count in zip(felt, words, strict=True)) / sum(words)
    if not _within(mean, condition.sentiment_below, condition.sentiment_above):
        return []
    sign = 1 if condition.sentiment_below is not None else -1
    return [_proof(min(felt, key=lambda one: sign * one[1])[0])]


def _silences(longest: float, case: Case) -> Iterator[Evidence]:
    if case.quiet_since and case.quiet_since[1] - case.quiet_since[0] > longest:
        yield Evidence(start=case.quiet_since[0], end=case.quiet_since[1])
    for found in case.findings:
        evidence = found.evidence
        if found.kind is FindingKind.SILENCE and evidence.end - evidence.start > longest and found.label != "hold":
            yield evidence


def _within(value: float, below: float | None, above: float | None) -> bool:
    return (below is None or value < below) and (above is None or value > above)


def _proof(said: Utterance) -> Evidence:
    return Evidence(start=said.start, end=said.end, quote=said.text)
