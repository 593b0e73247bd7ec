"""A readable name for a group of phrases: the words that tell it from all the others.

Class TF-IDF (Grootendorst, 2022, "BERTopic"): how many of the group's phrases hold a term, times how few others do.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from analytics.understanding.reason import ASKING, IDLE
from speech.text.tokens import lemma, listed, morphology, tokens

MOST_TERMS = 3
"""Terms of a name."""
FEWEST_HOLDING = 2
"""Phrases of the group that must hold a term."""
PAIR = 1.6
"""How much more a pair of words tells than its words: "воздушные шары"."""
SHORTEST = 3
"""Letters of a word."""
LEAST = 0.2
"""Share of the group's phrases that hold a term, from which it may stand in the name beside the first."""

SMALL = frozenset(
    listed(
        "for with from our your you are was were been have has had did does not will would cannot there they she his "
        "her its some any all out but more into than then them these those still get got one just "
        "мой моя мое наш наша ваш ваша ваше для или есть нет был была были еще уже если чтобы очень тоже меня вас нас "
        "они она оно при под над без"
    )
)
"""Words that tell nothing in a name."""

Term = tuple[str, ...]
"""One word or two, in their dictionary forms."""


def named(groups: Sequence[Sequence[str]], others: Iterable[str], language: str) -> list[str]:
    """Names of groups of phrases, in order; ``others`` are phrases of no group."""
    counts = [Counter(term for text in group for term in {*_terms(text, language)}) for group in groups]
    rest = Counter(term for text in others for term in {*_terms(text, language)})
    everywhere: Counter[Term] = sum(counts, rest)
    total = sum(map(len, groups)) + 1
    return [_name(group, count, everywhere, total, language) for group, count in zip(groups, counts, strict=True)]


def _name(group: Sequence[str], counts: Counter[Term], everywhere: Counter[Term], total: int, language: str) -> str:
    def telling(term: Term) -> float:
        rare = math.log(1 + total / everywhere[term])
        return counts[term] / len(group) * rare * (PAIR if len(term) == 2 else 1.0)

    likely = [term for term, held in counts.items() if held >= min(FEWEST_HOLDING, len(group))]
    chosen: list[Term] = []
    for term in sorted(likely, key=lambda term: (-telling(term), term)):
        fresh = not any(set(term) & set(other) for other in chosen)
        if fresh and (not chosen or counts[term] >= LEAST * len(group)):
            chosen.append(term)
        if len(chosen) == MOST_TERMS:
            break
    forms = _forms(group, language)
    name = ", ".join(forms[term] for term in chosen) or group[0]
    return name[:1].upper() + name[1:]


def _terms(text: str, language: str) -> Iterator[Term]:
    for words in _runs(text, language):
        lemmas = [lemma(word, language) for word in words]
        yield from ((one,) for one, word in zip(lemmas, words, strict=True) if _noun(word, language))
        yield from pairwise(lemmas)


def _forms(group: Sequence[str], language: str) -> dict[Term, str]:
    """How each term is said most often."""
    said: defaultdict[Term, Counter[str]] = defaultdict(Counter)
    for text in group:
        for words in _runs(text, language):
            lemmas = [lemma(word, language) for word in words]
            for one, word in zip(lemmas, words, strict=True):
                said[one,][_first_case(word, language)] += 1
            for at in range(len(words) - 1):
                said[lemmas[at], lemmas[at + 1]][f"{words[at]} {words[at + 1]}"] += 1
    return {term: min(forms, key=lambda form: (-forms[form], len(form), form)) for term, forms in said.items()}


def _runs(text: str, language: str) -> Iterator[list[str]]:
    """Telling words that stand side by side."""
    idle = IDLE.get(language, frozenset()) | ASKING.get(language, frozenset())
    run: list[str] = []
    for word in tokens(text):
        if word in idle or word in SMALL or len(word) < SHORTEST or word.isdecimal():
            if run:
                yield run
            run = []
        else:
            run.append(word)
    if run:
        yield run


def _noun(word: str, language: str) -> bool:
    """Whether a word may stand alone in a name; of Russian words, nouns alone."""
    return language != "ru" or morphology().parse(word)[0].tag.POS == "NOUN"


def _first_case(word: str, language: str) -> str:
    """A Russian noun in the nominative of its number: "шариков" is "шарики"."""
    if language != "ru":
        return word
    reading = morphology().parse(word)[0]
    changed = reading.inflect({"nomn"}) if reading.tag.POS == "NOUN" else None
    return changed.word if changed else word
