"""Terms of alerts and scorecards over what is known of a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.conditions.figures import figure
from analytics.conditions.terms import Findings, Measured, OfCall, Rated, Said, SentimentTerm, Term, Whose
from analytics.conditions.value import Condition, Verdict, judge
from recordings.calls.facts import CallFacts
from recordings.results.finding import Evidence, Finding, Measures
from speech.recognition.words import Speaker, Utterance
from speech.redaction.redaction import PLACEHOLDER
from speech.text.tokens import find_phrase, lemma, tokens

ENOUGH_WORDS = 4
"""Words from which a mean feeling is worth anything."""

OPEN: Verdict[Evidence] = Verdict(holds=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One call as conditions see it."""

    call: CallFacts
    findings: Sequence[Finding] = ()
    """By time."""
    measures: Measures | None = None
    """None: it is not analysed yet, and what was not found may still be."""
    said: Sequence[Utterance] = ()
    """By time."""
    sentiments: Sequence[float | None] = ()
    """Sentiment of each of ``said``."""
    rating: int | None = None
    of_speakers: bool = False
    """Who says nothing has neither said nor left out anything: findings of theirs are not judged."""


def judge_call(condition: Condition[Term], seen: Seen) -> Verdict[Evidence]:
    """Whether a condition holds, and the sound that decides it."""
    return judge(condition, lambda term: _judge(term, seen))


def _judge(term: Term, seen: Seen) -> Verdict[Evidence]:
    match term:
        case Findings():
            return _findings(term, seen)
        case Said():
            return _said(term, seen)
        case SentimentTerm():
            return _sentiment(term, seen)
        case Measured():
            return _measured(term, seen)
        case OfCall():
            return Verdict(holds=all(_is(seen.call, name, values) for name, values in term.wanted.items()))
        case Rated():
            return OPEN if seen.rating is None else Verdict(holds=term.bounds.hold(seen.rating))


def _is(call: CallFacts, name: str, values: Sequence[str]) -> bool:
    known = str(getattr(call, name)).lower()
    return bool(known) and known in (wanted.lower() for wanted in values)


def _findings(term: Findings, seen: Seen) -> Verdict[Evidence]:
    measures, speaker = seen.measures, term.whose.speaker
    talk = measures.talk_seconds if measures else {}
    if seen.of_speakers and (not talk or (speaker and not talk.get(speaker))):
        return OPEN
    if term.whose.last_seconds is not None and measures is None:
        return OPEN
    found = [finding.evidence for finding in seen.findings if _fits(finding, term, seen)]
    holds = _figures_hold(term, found)
    if measures is None and not (holds and found and not _may_change(term)):
        return OPEN
    longest = term.longest and max(found, key=_seconds, default=None)
    return Verdict(holds=holds, proof=(longest,) if longest else tuple(found))


def _figures_hold(term: Findings, found: Sequence[Evidence]) -> bool:
    if term.count is None and term.longest is None:
        return bool(found)
    longest = max(map(_seconds, found), default=0.0)
    return (term.count is None or term.count.hold(len(found))) and (term.longest is None or term.longest.hold(longest))


def _may_change(term: Findings) -> bool:
    """Whether more findings could undo what holds."""
    return any(bounds is not None and bounds.from_above for bounds in (term.count, term.longest))


def _fits(finding: Finding, term: Findings, seen: Seen) -> bool:
    evidence = finding.evidence
    return (
        finding.kind is term.kind
        and (not term.label or finding.label == term.label or finding.label.startswith(f"{term.label}/"))
        and (term.whose.speaker is None or finding.speaker is term.whose.speaker)
        and (term.lasts is None or term.lasts.hold(_seconds(evidence)))
        and _in_time(evidence.start, term.whose, seen)
    )


def _seconds(evidence: Evidence) -> float:
    return evidence.end - evidence.start


def _in_time(at: float, whose: Whose, seen: Seen) -> bool:
    start = (seen.call.agent_from or 0.0) if whose.speaker is Speaker.AGENT else 0.0
    end = seen.measures.duration if seen.measures else float("inf")
    return (whose.first_seconds is None or at <= start + whose.first_seconds) and (
        whose.last_seconds is None or at >= end - whose.last_seconds
    )


def _of(whose: Whose, said: Utterance, seen: Seen) -> bool:
    meant = said.speaker is whose.speaker if whose.speaker else said.speaker is not Speaker.ROBOT
    return meant and _in_time(said.start, whose, seen)


def _said(term: Said, seen: Seen) -> Verdict[Evidence]:
    if term.whose.last_seconds is not None and seen.measures is None:
        return OPEN
    language = seen.call.language
    phrases = term.phrases.get(language, ())
    proof = tuple(_proof(said) for said in seen.said if _of(term.whose, said, seen) and _says(said, phrases, language))
    return Verdict(holds=bool(proof), proof=proof)


def _says(said: Utterance, phrases: Sequence[tuple[str, ...]], language: str) -> bool:
    for text in PLACEHOLDER.split(said.text):  # no phrase reaches over what is hidden, and none is its placeholder
        words = [lemma(word, language) for word in tokens(text)]
        if any(find_phrase(words, list(phrase)) >= 0 for phrase in phrases):
            return True
    return False


def _sentiment(term: SentimentTerm, seen: Seen) -> Verdict[Evidence]:
    """Mean over the words; the proof is the utterance that is furthest out."""
    felt = [
        (said, feeling)
        for said, feeling in zip(seen.said, seen.sentiments, strict=False)
        if feeling is not None and _of(term.whose, said, seen)
    ]
    words = [len(tokens(said.text)) for said, _ in felt]
    if sum(words) < ENOUGH_WORDS:
        return OPEN
    mean = sum(feeling * count for (_, feeling), count in zip(felt, words, strict=True)) / sum(words)
    sign = 1 if term.bounds.from_above else -1
    furthest = min(felt, key=lambda one: sign * one[1])[0]
    return Verdict(holds=term.bounds.hold(mean), proof=(_proof(furthest),))


def _measured(term: Measured, seen: Seen) -> Verdict[Evidence]:
    if seen.measures is None:
        return OPEN
    values = [(figure(name, seen.measures), bounds) for name, bounds in term.figures.items()]
    return Verdict(holds=_all([None if known is None else bounds.hold(known) for known, bounds in values]))


def _all(holds: Sequence[bool | None]) -> bool | None:
    return False if False in holds else None if None in holds else True


def _proof(said: Utterance) -> Evidence:
    return Evidence(start=said.start, end=said.end, quote=said.text)
