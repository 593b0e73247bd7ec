"""How content someone sounds in words: a lexicon of customer service, negation and intensifiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import ClassVar

import yaml
from pydantic import ConfigDict, TypeAdapter

from speech.language import pack
from speech.meaning.tokens import lemma, tokens

REVERSED = -0.6
"""What negation makes of a cue: "not bad" is less than "good"."""
REACH = 2
"""Words over which a negation reaches forward."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """How content someone sounds."""

    value: float
    """-1 (angry) .. 1 (happy); 0 where nothing tells."""
    cues: tuple[str, ...]
    """Words that told, as they were said."""


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


def sentiment(text: str, language: str) -> Sentiment:
    """Weigh the cues in a text. In a language without a lexicon nothing tells."""
    words = tokens(text)
    lemmas = [lemma(word, language) for word in words]
    weights, factors, determiners = _cues(language)
    if not weights:
        return Sentiment(value=0.0, cues=())
    longest = max((len(phrase) for phrase in weights), default=0)
    plain = pack(language).negations
    negates = [word in plain or meant in determiners for word, meant in zip(words, lemmas, strict=True)]
    total, cues = 0.0, []
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
            negated = any(negates[place] for place in before) and not any(negates[at : at + length])
            total += weight * REVERSED if negated else weight
            first = min([place for place in before if negates[place] or words[place] in factors], default=at)
            cues.append(" ".join(words[first : at + length]))
            free = at + length
        at += length or 1
    return Sentiment(value=total / (1 + abs(total)), cues=tuple(cues))


@cache
def _cues(language: str) -> tuple[Mapping[tuple[str, ...], float], Mapping[str, float], frozenset[str]]:
    """Lemmas of each phrase → its weight, the intensifiers, and the lemmas of the lexicon's own negations."""
    file = resources.files("speech").joinpath("meaning", "cues", f"{language}.yaml")
    if not file.is_file():
        return {}, {}, frozenset()
    lexicon = TypeAdapter(_Lexicon).validate_python(yaml.safe_load(file.read_text("utf-8")))
    weights = {}
    for sign, groups in ((1, lexicon.positive), (-1, lexicon.negative)):
        for weight, phrases in groups.items():
            for phrase in phrases:
                weights[tuple(lemma(word, language) for word in tokens(phrase))] = sign * weight
    factors = {word.replace("ё", "е"): factor for word, factor in lexicon.intensifiers.items()}
    return weights, factors, frozenset(lemma(word, language) for word in lexicon.negations)
