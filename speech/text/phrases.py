"""What someone means, by the phrases that mean it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache

from rapidfuzz.distance.Indel import normalized_similarity

from speech.text.language import pack
from speech.text.tokens import find_phrase, lemma, tokens

GOOD = 0.65
"""Share of a phrase that has to be there."""
SMALL_WORD = 0.25
"""Weight of a word of one or two letters against that of another."""
ALIKE = 0.8
"""From here two long words are one, misheard."""
LONG = 5
"""Letters from which a word may be misheard."""
EARLY = 2
"""Words that may stand before a yes or no for it to be the answer."""


def best_match(text: str, choices: Mapping[str, Sequence[str]], language: str) -> tuple[str, float] | None:
    """The choice whose phrase the text holds most fully.

    Word forms, order, words between and single misheard letters do not count. A word that phrases of several choices
    share weighs less, and a small one hardly anything.

    Args:
        text: What was said.
        choices: Label → phrases that mean it.
        language: Code of a known language.

    Returns:
        Label and the share of its phrase that was there, 0..1; None where no phrase is there well enough.
    """
    said = [lemma(word, language) for word in tokens(text)]
    phrases = {label: [_lemmas(example, language) for example in examples] for label, examples in choices.items()}
    labels = Counter(word for examples in phrases.values() for word in {word for words in examples for word in words})
    best: tuple[float, float, str] | None = None
    for label, examples in phrases.items():
        for words in examples:
            weights = [_weight(word, language) / labels[word] for word in words]
            there = sum(weight * _likeness(word, said) for word, weight in zip(words, weights, strict=True))
            share = there / sum(weights) if words else 0.0
            if share >= GOOD and (best is None or (share, there) > best[:2]):
                best = (share, there, label)
    return (best[2], round(best[0], 3)) if best else None


def yes_no(text: str, language: str) -> bool | None:
    """Whether the text agrees or refuses; None where it does neither. Of both, what comes first is the answer."""
    words = tokens(text)
    known = pack(language)
    if (alone := _answers_alone(language).get(_without_fillers(words, language))) is not None:
        return alone
    found = [
        (at, -len(phrase), agrees) for phrase, agrees in _answers(language) if (at := find_phrase(words, phrase)) >= 0
    ]
    if not found:
        return None
    at, length, agrees = min(found, key=lambda answer: answer[:2])  # "не против" before "против"
    if agrees is None or sum(word not in known.fillers for word in words[:at]) > EARLY:
        return None
    around = [*words[max(0, at - 1) : at], *words[at - length : at - length + 1]]
    return agrees and not any(word in known.negations for word in around)


@cache
def _answers(language: str) -> list[tuple[list[str], bool | None]]:
    """Words of each phrase that answers, and whether it agrees; None where it leaves that open."""
    known = pack(language)
    meanings: tuple[tuple[tuple[str, ...], bool | None], ...] = (
        (known.agree, True),
        (known.disagree, False),
        (known.unsure, None),
    )
    return [(tokens(phrase), agrees) for phrases, agrees in meanings for phrase in phrases]


@cache
def _answers_alone(language: str) -> Mapping[tuple[str, ...], bool]:
    """The same for phrases that answer only by themselves."""
    known = pack(language)
    meanings = ((known.agree_alone, True), (known.disagree_alone, False))
    return {tuple(tokens(phrase)): agrees for phrases, agrees in meanings for phrase in phrases}


def _without_fillers(words: list[str], language: str) -> tuple[str, ...]:
    """The words without fillers around them, but for the fillers of a phrase that answers alone: "it is"."""
    if tuple(words) in _answers_alone(language):
        return tuple(words)
    fillers = pack(language).fillers
    first = next((at for at, word in enumerate(words) if word not in fillers), len(words))
    last = next((at for at in range(len(words), first, -1) if words[at - 1] not in fillers), first)
    return tuple(words[first:last])


@lru_cache(maxsize=10_000)
def _lemmas(phrase: str, language: str) -> tuple[str, ...]:
    return tuple(lemma(word, language) for word in tokens(phrase))


def _weight(word: str, language: str) -> float:
    return SMALL_WORD if len(word) <= 2 and word not in pack(language).negations else 1.0


def _likeness(word: str, said: Sequence[str]) -> float:
    """1 where the word was said, less where one that sounds like it was."""
    if word in said:
        return 1.0
    if len(word) < LONG:
        return 0.0
    best = max((_ratio(word, other) for other in said if abs(len(other) - len(word)) <= 2), default=0.0)
    return best if best >= ALIKE else 0.0


@lru_cache(maxsize=200_000)
def _ratio(word: str, other: str) -> float:
    """Likeness of two words; 0 where it cannot reach ``ALIKE``, which is soon told."""
    if normalized_similarity(word, other) < ALIKE:
        return 0.0
    return SequenceMatcher(None, word, other).ratio()
