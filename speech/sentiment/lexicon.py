"""What single words tell about how content someone is: a lexicon of customer service, negation and intensifiers.

Fast (microseconds) and explainable: the live robot asks it at every turn, and the model of sentiment takes it as some
of its features. Source of the features: Hutto and Gilbert (2014), "VADER": capitals, exclamation marks, and that what
comes after "but" weighs more than what came before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar

from pydantic import ConfigDict

from speech.text.language import data, pack
from speech.text.tokens import find_phrase, lemma, tokens
from speech.yaml_source import read_table

REVERSED = -0.6
"""Factor that negation makes of a cue: "not bad" is less than "good"."""
REACH = 2
"""Words over which a negation reaches forward."""
DENIALS = {
    "ru": (
        *("не могу сказать", "не скажу", "нельзя сказать", "не сказал бы", "не сказала бы", "бы не сказал"),
        *("бы не сказала", "бы не назвал", "бы не назвала", "не назвал бы", "не назвала бы", "не то чтобы"),
        *("никогда не", "ни разу не", "особой", "особого"),
    ),
    "en": (
        *("can't say", "cannot say", "couldn't say", "wouldn't say", "would not say", "wouldn't call"),
        *("would not call", "hardly call", "far from", "never"),
    ),
}
"""Negations that reach over a whole clause: "can't say I am happy"."""
FAR = 6
"""Words over which those reach."""
TURNS = {
    "ru": frozenset({"но", "зато", "однако", "а", "хотя"}),
    "en": frozenset({"but", "however", "though", "although", "yet"}),
}
"""Words after which a speaker says what they really mean."""
MOST_MARKS = 3
"""Exclamation marks that are counted."""
LONG = 25
"""Words from which a phrase counts as long."""
FEATURES = 9
"""Numbers that ``features`` gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """What the lexicon makes of a text."""

    value: float
    """-1 (angry) .. 1 (happy); 0 where nothing tells."""
    words: tuple[str, ...]
    """That told, as they were said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    positive: Mapping[float, tuple[str, ...]]
    """Weight → phrases."""
    negative: Mapping[float, tuple[str, ...]]
    intensifiers: Mapping[str, float] = field(default_factory=dict)
    """Word → factor for the cue after it."""
    negations: tuple[str, ...] = ()
    """Words, in any form, that negate a cue after them as the negations of the language pack do: "no" problems."""


def cues(text: str, language: str) -> Cues:
    """Weigh the cues in a text. In a language without a lexicon nothing tells."""
    return _weigh(tokens(text), language)


def features(text: str, language: str) -> tuple[float, ...]:
    """``FEATURES`` numbers between -1 and 1: what cues, marks, capitals, length and a "but" tell."""
    words = tokens(text)
    value = _weigh(words, language).value
    turns = [at for at, word in enumerate(words) if word in TURNS.get(language, ()) and 0 < at < len(words) - 1]
    after = _weigh(words[turns[-1] + 1 :], language).value if turns else value
    written = [word for word in text.split() if sum(map(str.isalpha, word)) > 1]
    return (
        value,
        max(value, 0.0),
        max(-value, 0.0),
        after,
        float(bool(turns)),
        min(text.count("!"), MOST_MARKS) / MOST_MARKS,
        float("?" in text),
        sum(map(str.isupper, written)) / len(written) if written else 0.0,
        min(len(words), LONG) / LONG,
    )


@cache
def lexicon_hash(language: str) -> str:
    """Of the words by which the features of a text are made; empty where a language has none."""
    file = data(language, "sentiment_cues.yaml")
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else ""


def _weigh(words: list[str], language: str) -> Cues:
    lemmas = [lemma(word, language) for word in words]
    weights, factors, determiners = _lexicon(language)
    if not weights:
        return Cues(value=0.0, words=())
    longest = max((len(phrase) for phrase in weights), default=0)
    plain = pack(language).negations
    negates = [word in plain or meant in determiners for word, meant in zip(words, lemmas, strict=True)]
    total, told = 0.0, []
    at, free = 0, 0  # words before `free` belong to an earlier cue
    while at < len(words):
        lengths = range(min(longest, len(words) - at), 0, -1)
        length = next((length for length in lengths if tuple(lemmas[at : at + length]) in weights), 0)
        if length:
            weight = weights[tuple(lemmas[at : at + length])]
            before = range(max(free, at - REACH), at)
            for place in before:
                weight *= factors.get(words[place], 1.0)
            # "нет, не пришло" is no praise: a cue that has its own negation is not turned round by another
            negated = any(negates[place] for place in before) or _denied(words[max(0, at - FAR) : at], language)
            negated = negated and not any(negates[at : at + length])
            total += weight * REVERSED if negated else weight
            first = min([place for place in before if negates[place] or words[place] in factors], default=at)
            told.append(" ".join(words[first : at + length]))
            free = at + length
        at += length or 1
    return Cues(value=total / (1 + abs(total)), words=tuple(told))


def _denied(before: list[str], language: str) -> bool:
    """Whether a denial of a clause stands among the words before a cue."""
    return any(find_phrase(before, phrase) >= 0 for phrase in _denials(language))


@cache
def _denials(language: str) -> tuple[list[str], ...]:
    return tuple(tokens(phrase) for phrase in DENIALS.get(language, ()))


@cache
def _lexicon(language: str) -> tuple[Mapping[tuple[str, ...], float], Mapping[str, float], frozenset[str]]:
    """Lemmas of each phrase → its weight, the intensifiers, and the lemmas of the lexicon's own negations."""
    file = data(language, "sentiment_cues.yaml")
    if not file.is_file():
        return {}, {}, frozenset()
    lexicon = read_table(file, _Lexicon)
    weights = {}
    for sign, groups in ((1, lexicon.positive), (-1, lexicon.negative)):
        for weight, phrases in groups.items():
            for phrase in phrases:
                weights[tuple(lemma(word, language) for word in tokens(phrase))] = sign * weight
    factors = {word.replace("ё", "е"): factor for word, factor in lexicon.intensifiers.items()}
    return weights, factors, frozenset(lemma(word, language) for word in lexicon.negations)
