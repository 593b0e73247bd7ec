"""What a call came to, by what is said at its end: resolved, promised, unresolved or unclear.

The last word counts most: of the cues found in the last part of the call, the caller's latest decides; a promise of the
company that nobody took back makes the call promised, unless the caller says that all is settled already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from analytics.understanding.evidence import proof
from recordings.results.finding import Evidence
from recordings.results.meaning import Promise
from speech.recognition.words import Speaker, Transcript, Utterance
from speech.text.language import data
from speech.text.tokens import find_phrase, lemma, tokens
from speech.yaml_source import read_table

LAST_SHARE = 0.4
"""Share of the utterances, the part that is the end …"""
FEWEST_LAST, MOST_LAST = 6, 30
"""… but at least and at most so many."""
RESOLVED, PROMISED, UNRESOLVED, UNCLEAR = "resolved", "promised", "unresolved", "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What it came to, and where that is said."""

    name: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cue:
    words: tuple[str, ...]
    """Dictionary forms."""
    strong: bool
    """Says it outright: "вопрос решён" and not only "спасибо"."""


def outcome(transcript: Transcript, promises: Sequence[Promise]) -> Outcome:
    """Judge the end of a call: ``unclear`` where nothing tells, empty where nobody speaks or no cues are known."""
    cues = _cues(transcript.language)
    if not transcript.utterances or not cues:
        return Outcome(name="")
    last = min(max(FEWEST_LAST, round(LAST_SHARE * len(transcript.utterances))), MOST_LAST)
    told: dict[bool, tuple[str, Utterance]] = {}
    for utterance in transcript.utterances[-last:]:
        for name, strong in _told(utterance, cues, transcript.language):
            told[strong] = name, utterance
    name, where = told.get(True) or told.get(False) or (UNCLEAR, None)
    pending = [one for one in promises if one.speaker != Speaker.CALLER]
    if pending and name != UNRESOLVED and not (name == RESOLVED and True in told):
        return Outcome(name=PROMISED, evidence=pending[-1].evidence)
    return Outcome(name=name, evidence=proof(where) if where else None)


def _told(
    utterance: Utterance, cues: Mapping[tuple[str, str], tuple[_Cue, ...]], language: str
) -> list[tuple[str, bool]]:
    """Outcomes an utterance tells, and whether outright."""
    side = "company" if utterance.speaker in (Speaker.AGENT, Speaker.ROBOT) else "caller"
    lemmas = [lemma(word, language) for word in tokens(utterance.text)]
    sides = ("caller", "company") if utterance.speaker is Speaker.UNKNOWN else (side,)
    found: dict[str, bool] = {}
    for name in (UNRESOLVED, RESOLVED):
        for cue in (cue for who in sides for cue in cues.get((name, who), ())):
            at = find_phrase(lemmas, list(cue.words))
            negated = at > 0 and lemmas[at - 1] in ("не", "not", "ничего", "isn't", "wasn't")
            if at >= 0 and not negated:
                found[name] = found.get(name, False) or cue.strong
    if found.get(UNRESOLVED):
        found.pop(RESOLVED, None)  # "спасибо, но вы мне не помогли"
    return list(found.items())


@cache
def _cues(language: str) -> Mapping[tuple[str, str], tuple[_Cue, ...]]:
    """(outcome, whose words) → cues; empty for a language without a file."""
    file = data(language, "outcomes.yaml")
    if not file.is_file():
        return {}
    body = read_table(file, dict[str, dict[str, dict[str, list[str]]]])
    return {
        (name, who): tuple(
            _Cue(words=tuple(lemma(word, language) for word in tokens(phrase)), strong=strength == "strong")
            for strength, phrases in strengths.items()
            for phrase in phrases
        )
        for name, sides in body.items()
        for who, strengths in sides.items()
    }
