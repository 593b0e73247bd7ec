"""Finds every phrase of a dictionary in one utterance: one index for all of them.

Each distinct word of the phrases is a *term*. A heard word is looked up once, in a table that grows with the words
heard; a phrase is looked at only where its rarest term was said. What a dictionary of thousands of phrases costs is
therefore what was said of it, not what stands in it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from analytics.dictionary.category import Phrase
from analytics.dictionary.words import said_forms

SHORTEST_FUZZY = 5
"""Letters of a word, heard or written, below which one wrong letter makes another word."""
MOST_KNOWN = 100_000
"""Heard words the table keeps; then it begins anew."""

STEPS_A_PLACE = 60
"""Of a phrase in any order, which people write with three or four words: these take some ten."""

Term = tuple[tuple[str, ...], float | None]
"""Forms of a word, and the likeness at which another word is taken for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a phrase stands among the words of an utterance."""

    phrase: int
    """Its number in the index."""
    first: int
    last: int
    likeness: float
    """Likeness of its least like word, 0..1; 1 where all words are right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Indexed:
    number: int
    terms: tuple[int, ...]
    reach: int
    """Words by which the next word may be behind the one before."""
    any_order: bool


class Matcher:
    """Phrases of one language, indexed; what it learns of heard words stays with it. Safe for several threads."""

    def __init__(self, phrases: Sequence[Phrase], language: str) -> None:
        self.language = language
        numbers: dict[Term, int] = {}
        terms_of = [
            tuple(numbers.setdefault((word, phrase.fuzzy), len(numbers)) for word in phrase.words) for phrase in phrases
        ]
        self._by_form: dict[str, list[int]] = defaultdict(list)
        self._fuzzy: dict[int, dict[str, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
        for (forms, least), term in numbers.items():
            for form in forms:
                self._by_form[form].append(term)
                if least is not None and len(form) >= SHORTEST_FUZZY:
                    self._fuzzy[len(form)][form].append((term, least))
        self._least = min((least for (_, least) in numbers if least is not None), default=1.0)
        used = Counter(term for terms in terms_of for term in terms)
        self._anchored: dict[int, list[_Indexed]] = defaultdict(list)
        for number, (phrase, terms) in enumerate(zip(phrases, terms_of, strict=True)):
            if terms:
                indexed = _Indexed(number=number, terms=terms, reach=phrase.within + 1, any_order=phrase.any_order)
                self._anchored[min(terms, key=lambda term: used[term])].append(indexed)
        self._known: dict[str, tuple[tuple[int, float], ...]] = {}

    def places(self, words: Iterable[str]) -> list[Place]:
        """Every place where a phrase stands, of one phrase possibly several, overlapping ones included."""
        at: dict[int, list[int]] = {}
        likeness: dict[tuple[int, int], float] = {}
        known = self._known
        for position, word in enumerate(words):
            fits = known.get(word)
            if fits is None:
                fits = self._learn(word)
            for term, like in fits:
                at.setdefault(term, []).append(position)
                if like < 1:
                    likeness[term, position] = like
        found: list[Place] = []
        for term in at:
            for phrase in self._anchored.get(term, ()):
                if all(other in at for other in phrase.terms):
                    walks = _any_order(phrase, at) if phrase.any_order else _in_order(phrase, at)
                    found.extend(_place(phrase, walk, likeness) for walk in walks)
        return found

    def _learn(self, word: str) -> tuple[tuple[int, float], ...]:
        """Terms a heard word stands for, each with its likeness."""
        forms = said_forms(word, self.language)
        fits = {term: 1.0 for form in forms for term in self._by_form.get(form, ())}
        if self._fuzzy and len(word) >= SHORTEST_FUZZY:
            for form in {word, *forms}:
                for term, like in self._like(form):
                    fits[term] = max(fits.get(term, 0.0), like)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[word] = tuple(fits.items())
        return self._known[word]

    def _like(self, form: str) -> Iterator[tuple[int, float]]:
        """Terms a form is like enough to. Source: 1 − Levenshtein distance / letters of the longer word."""
        shortest, longest = int(len(form) * self._least), int(len(form) / self._least) + 1
        for letters in range(max(shortest, SHORTEST_FUZZY), longest + 1):
            near = self._fuzzy.get(letters)
            if not near:
                continue
            alike = process.extract(
                form, near.keys(), scorer=Levenshtein.normalized_similarity, score_cutoff=self._least, limit=None
            )
            for written, like, _ in alike:
                yield from ((term, round(like, 3)) for term, least in near[written] if like >= least)


def _place(phrase: _Indexed, walk: Sequence[int], likeness: dict[tuple[int, int], float]) -> Place:
    like = min(likeness.get(step, 1.0) for step in zip(phrase.terms, walk, strict=True)) if likeness else 1.0
    return Place(phrase=phrase.number, first=min(walk), last=max(walk), likeness=like)


def _in_order(phrase: _Indexed, at: dict[int, list[int]]) -> Iterator[tuple[int, ...]]:
    """From each place of the first word the walk over the nearest places of the others, one back where it ends.

    A place from which a walk has ended once is not tried again: a phrase of one word many times would take for ever.
    """
    first, *others = phrase.terms
    ended: set[tuple[int, int]] = set()

    def walk(here: int, step: int) -> tuple[int, ...] | None:
        if step == len(others):
            return ()
        if (here, step) in ended:
            return None
        for there in _near(at[others[step]], here, phrase.reach):
            rest = walk(there, step + 1)
            if rest is not None:
                return (there, *rest)
        ended.add((here, step))
        return None

    for start in at[first]:
        rest = walk(start, 0)
        if rest is not None:
            yield (start, *rest)


def _any_order(phrase: _Indexed, at: dict[int, list[int]]) -> Iterator[tuple[int, ...]]:
    """The same with the words in any order: the next word may be whichever is still missing.

    There are as many ways as subsets of the words: behind ``STEPS_A_PLACE`` steps for each place no further one is
    looked for.
    """
    count = len(phrase.terms)
    ended: set[tuple[int, tuple[int, ...]]] = set()
    starts = sorted({place for term in phrase.terms for place in at[term]})
    budget = STEPS_A_PLACE * len(starts)

    def walk(here: int, taken: dict[int, int]) -> dict[int, int] | None:
        nonlocal budget
        budget -= 1
        if len(taken) == count:
            return taken
        if budget <= 0:
            return None
        missing = tuple(sorted(phrase.terms[number] for number in range(count) if number not in taken))
        if (here, missing) in ended:
            return None
        near = sorted(
            (there, number)
            for number in range(count)
            if number not in taken
            for there in _near(at[phrase.terms[number]], here, phrase.reach)
        )
        for there, number in near:
            found = walk(there, {**taken, number: there})
            if found is not None:
                return found
        ended.add((here, missing))
        return None

    terms_at = defaultdict(list)
    for number, term in enumerate(phrase.terms):
        for place in at[term]:
            terms_at[place].append(number)
    for start in starts:
        for number in terms_at[start]:
            found = walk(start, {number: start})
            if found is not None:
                yield tuple(found[place] for place in range(count))
                break


def _near(places: Sequence[int], here: int, reach: int) -> Sequence[int]:
    """Those of some places, by order, that follow within reach."""
    return places[bisect_right(places, here) : bisect_right(places, here + reach)]
