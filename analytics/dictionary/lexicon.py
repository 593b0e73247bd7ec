"""All categories of one language on one index, and what they find in a call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from analytics.conditions.value import Verdict, judge
from analytics.dictionary.category import Category, Part, Phrase
from analytics.dictionary.matcher import Matcher, Place
from speech.recognition.words import Speaker

AFTER_INTERRUPTION = 10.0
"""Seconds after an interruption in which something is said because of it."""
LEAST_OVERLAP = 0.3
"""Seconds for which two must speak at once before it is an interruption and no "угу"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LexiconUtterance:
    """One utterance as the dictionary sees it."""

    words: Sequence[str]
    speaker: Speaker | None = None
    """None: nobody knows, and nobody is asked for."""
    start: float = 0.0
    """Seconds from the start of the recording."""
    end: float = 0.0
    starts: Sequence[float] = ()
    """Start of each word, seconds; empty where there is no sound, and then nothing is asked of the time."""
    ends: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A category, said."""

    label: str
    phrase: Phrase
    utterance: int
    """Number of the utterance."""
    first: int
    """Number of the first word in it."""
    last: int
    likeness: float
    """0..1; 1 where every word is right."""


class Lexicon:
    """Categories of one language; built once a rule set, then only read. Safe for several threads."""

    def __init__(self, categories: Sequence[Category], language: str) -> None:
        self.categories = tuple(categories)
        self.language = language
        phrases: list[Phrase] = []
        self._parts: list[Part] = []
        self._wanted: list[tuple[int, bool]] = []  # of each phrase: its part, and whether it takes a hit back
        numbers: dict[int, int] = {}
        for category in self.categories:
            for part in category.condition.terms():
                numbers[id(part)] = len(self._parts)
                for phrase, negative in [(p, False) for p in part.phrases] + [(p, True) for p in part.excluded]:
                    phrases.append(phrase)
                    self._wanted.append((len(self._parts), negative))
                self._parts.append(part)
        self._phrases = phrases
        self._number = numbers
        self._matcher = Matcher(phrases, language)
        self._asked: dict[int, list[Category]] = defaultdict(list)  # by part
        for category in self.categories:
            for part in category.condition.terms():
                self._asked[numbers[id(part)]].append(category)

    def __len__(self) -> int:
        return len(self.categories)

    def find(self, call: Sequence[LexiconUtterance], *, duration: float = 0.0) -> list[Hit]:
        """Everything of one call that earns a label, by utterance and word.

        Args:
            call: What was said, by time.
            duration: Seconds of the recording, for what has to be said at its end.
        """
        clock = _Clock(call=call, duration=duration)
        said: dict[int, list[tuple[Place, int]]] = defaultdict(list)
        for number, spoken in enumerate(call):
            places = self._matcher.places(spoken.words)
            if places:
                for part, place in self._of_utterance(places, number, clock):
                    said[part].append((place, number))
        touched = {id(category): category for part in said for category in self._asked[part]}

        def said_so(part: Part) -> Verdict[tuple[Place, int]]:
            places = said.get(self._number[id(part)], ())
            return Verdict(holds=bool(places), proof=tuple(places))

        hits = []
        for category in touched.values():
            verdict = judge(category.condition, said_so)
            for place, utterance in verdict.proof if verdict.holds else ():
                hits.append(
                    Hit(
                        label=category.label,
                        phrase=self._phrases[place.phrase],
                        utterance=utterance,
                        first=place.first,
                        last=place.last,
                        likeness=place.likeness,
                    )
                )
        return sorted(hits, key=lambda hit: (hit.utterance, hit.first, hit.last, hit.label))

    def _of_utterance(self, places: list[Place], number: int, clock: _Clock) -> Iterator[tuple[int, Place]]:
        """Of each part the places that count: nothing takes them back, nothing longer covers them, terms hold."""
        by_part: dict[int, tuple[list[Place], list[Place]]] = {}
        for place in places:
            part, negative = self._wanted[place.phrase]
            by_part.setdefault(part, ([], []))[negative].append(place)
        for part, (found, taken_back) in by_part.items():
            terms = self._parts[part]
            behind = -1
            for place in sorted(found, key=lambda place: (place.first, -place.last, -place.likeness)):
                if (
                    place.first > behind
                    and not any(self._near(back, place) for back in taken_back)
                    and clock.holds(terms, number, place)
                ):
                    behind = place.last
                    yield part, place

    def _near(self, back: Place, place: Place) -> bool:
        """Whether a phrase that is not to be said stands on a hit or as near to it as its own words may be apart."""
        reach = self._phrases[back.phrase].within + 1
        return back.first <= place.last + reach and place.first <= back.last + reach


@dataclass(frozen=True, kw_only=True)
class _Clock:
    """When things were said in one call."""

    call: Sequence[LexiconUtterance]
    duration: float

    def holds(self, terms: Part, number: int, place: Place) -> bool:
        """Whether who said it and when is as asked; of what is not known nothing is asked."""
        spoken = self.call[number]
        if terms.speaker and spoken.speaker and terms.speaker is not spoken.speaker:
            return False
        if not spoken.starts:
            return True
        if terms.first_seconds is not None and spoken.starts[place.first] > terms.first_seconds:
            return False
        if terms.last_seconds is not None and spoken.ends[place.last] < self.duration - terms.last_seconds:
            return False
        if terms.after_pause is not None and self.pauses[number] < terms.after_pause:
            return False
        return not terms.after_interruption or self._interrupted(terms.after_interruption, spoken.starts[place.first])

    @cached_property
    def pauses(self) -> list[float]:
        """Seconds in which nobody spoke before each utterance; before the first there is none."""
        pauses, silent_from = [], None
        for spoken in self.call:
            pauses.append(0.0 if silent_from is None else spoken.start - silent_from)
            silent_from = max(silent_from or 0.0, spoken.end)
        return pauses

    @cached_property
    def interruptions(self) -> list[tuple[float, Speaker | None]]:
        """When somebody began to speak while another spoke, and who began."""
        found = []
        for number, spoken in enumerate(self.call):
            for other in self.call[max(0, number - 5) : number]:
                if other.speaker is not spoken.speaker and other.end - spoken.start >= LEAST_OVERLAP:
                    found.append((spoken.start, spoken.speaker))
                    break
        return found

    def _interrupted(self, by: Speaker | bool, moment: float) -> bool:
        return any(
            start <= moment <= start + AFTER_INTERRUPTION and (by is True or by is speaker)
            for start, speaker in self.interruptions
        )
