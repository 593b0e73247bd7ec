"""What the caller's words mean to a question: rules first, then the intent model, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from ivr.dialog.expectation import (
    ANGRY,
    CANCELLED,
    CHOSEN,
    FILLED,
    NO,
    NO_RECORDING,
    NONE,
    PERSON,
    REPEAT,
    UNCLEAR,
    UNSURE,
    YES,
    Expectation,
    Meaning,
)
from ivr.understanding import choice
from ivr.understanding.phrase_matching import bounded, contains, left, lemmas, only, position
from ivr.understanding.slot_filling import fill
from speech.intents.intents import IntentModel, Prediction
from speech.sentiment.lexicon import cues
from speech.settings import local_now
from speech.slots.slots import KINDS, PACKAGES, REGIONS, find_slot
from speech.text.language import pack
from speech.text.phrases import best_match, yes_no

UNHAPPY = -0.55
"""Sentiment from which words of anger tell of anger: one such word alone does not."""
LIKELY = 0.25
"""Confidence from which an intent counts at an open question; below, the robot had better ask."""
ASIDE = 0.6
"""Confidence from which an intent that may be settled in between interrupts a question that it does not fit."""
OTHER_JOB = 0.85
"""The same for any other intent."""
BESIDES = 0.75
"""Confidence from which a further intent in the same phrase counts."""
NAMED = 0.6
"""Confidence of an intent from which a number in an open answer belongs to its job, not to the question."""
FEW = 2
"""Words left over by a rule up to which nothing more is looked for."""
SHORT = 5
"""Words up to which an answer may be misheard, or in another order, and still ask for a person."""
WORDY = 6
"""Words from which an open answer may name more than one intent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What understanding needs besides the question."""

    language: str
    intents: IntentModel | None
    """None: rules only."""
    now: Callable[[], datetime]
    """The caller's clock."""
    region: str = ""
    """ISO 3166 code for telephone numbers without a country code; empty takes the language's."""

    def at(self, now: Callable[[], datetime]) -> Understanding:
        """The same by another clock."""
        return replace(self, now=now)


def interpret(expectation: Expectation, text: str, confidence: float | None, understanding: Understanding) -> Meaning:
    """What the caller's words mean to the question; label ``unclear`` when they fit nothing.

    Args:
        expectation: The question.
        text: Words of a recogniser, or a typed message.
        confidence: Of the recogniser, 0..1; None for typed words.
        understanding: The model, the clock, the region.
    """
    phrase = _Phrase(expectation, bounded(text), confidence, understanding)
    if not phrase.words:
        return Meaning(label=UNCLEAR, confidence=confidence)
    for rule in (_anywhere, _outright, _cancelled, _chosen, _slots, _alone, _choices, _yes_no):
        if meaning := rule(phrase):
            return phrase.complete(meaning)
    return phrase.complete(_intent(phrase) or Meaning(label=UNCLEAR))


def warm_up(language: str, now: Callable[[], datetime] = local_now) -> None:
    """Load word forms and rules of a language now, which takes a second, and not while a caller waits."""
    if language in PACKAGES:
        for kind in KINDS:
            find_slot("1", kind, language, now=now())
    lemmas(" ".join(pack(language).person), language)


def recall(expectation: Expectation, text: str, understanding: Understanding) -> Meaning:
    """What words said earlier mean to a question that comes only now; ``unclear`` when they answer nothing."""
    language = expectation.language
    if language not in PACKAGES:
        return Meaning(label=UNCLEAR)
    text, now, region = bounded(text), understanding.now(), understanding.region or REGIONS[language]
    if found := choice.named(text, expectation.options, language, now=now, region=region):
        return Meaning(label=CHOSEN, facts=found[0].facts, confidence=found[1])
    filled = fill(replace(expectation, asked=""), text, now=now, region=region)
    facts = {one.rule.fill: one.value for one in filled}
    return Meaning(label=FILLED if facts else UNCLEAR, facts=facts)


class _Phrase:
    """One answer on its way through the rules; the model is asked at most once."""

    def __init__(
        self, expectation: Expectation, text: str, confidence: float | None, understanding: Understanding
    ) -> None:
        self.expectation = expectation
        self.text = text
        self.confidence = confidence
        self.language = expectation.language
        self.known = pack(expectation.language)
        self.understanding = understanding
        self.region = understanding.region or REGIONS.get(expectation.language, "")
        self.words = lemmas(text, expectation.language)

    @cached_property
    def guesses(self) -> tuple[Prediction, ...]:
        """Intents the model hears, of those this question may lead to, in the order said."""
        model = self.understanding.intents
        if model is None or not self.expectation.intents:
            return ()
        several = self.expectation.open and len(self.words) >= WORDY
        heard = model.predict_all(self.text) if several else (model.predict(self.text),)
        return tuple(guess for guess in heard if guess.intent in self.expectation.intents)

    def complete(self, meaning: Meaning) -> Meaning:
        """With the recogniser's confidence, and with what else an open answer asks for."""
        sure = [share for share in (self.confidence, meaning.confidence) if share is not None]
        meaning = replace(meaning, confidence=min(sure, default=None))
        told = meaning.label in {FILLED, UNSURE} or meaning.intent
        if not (self.expectation.open and told) or meaning.model or len(self.words) < WORDY:
            return meaning
        named = {meaning.intent, *meaning.also}
        more = [guess.intent for guess in self.guesses if guess.intent and guess.confidence >= BESIDES]
        if not meaning.intent and more:
            meaning, more = replace(meaning, intent=more[0], model=self.version), more[1:]
        return replace(meaning, also=(*meaning.also, *(intent for intent in more if intent not in named)))

    @property
    def version(self) -> str:
        model = self.understanding.intents
        return model.version if model else ""


def _anywhere(phrase: _Phrase) -> Meaning | None:
    """What is understood at every question."""
    wanted, words, text = phrase.expectation.anywhere, phrase.known, phrase.text
    if phrase.expectation.cancels and contains(text, words.cancel, phrase.language):
        return Meaning(label=CANCELLED)
    if NO_RECORDING in wanted and contains(text, words.no_recording, phrase.language):  # "не … записана" is no refusal
        return Meaning(label=NO_RECORDING)
    if PERSON in wanted and best_match(text, {PERSON: words.person}, phrase.language):
        return Meaning(label=PERSON)
    if ANGRY in wanted and _is_angry(phrase):
        return Meaning(label=ANGRY)
    return Meaning(label=REPEAT) if only(text, words.repeat, phrase.language) else None


def _is_angry(phrase: _Phrase) -> bool:
    if contains(phrase.text, phrase.known.insults, phrase.language):
        return True
    angry = contains(phrase.text, phrase.known.angry, phrase.language)
    return angry and cues(phrase.text, phrase.language).value <= UNHAPPY


def _outright(phrase: _Phrase) -> Meaning | None:
    """Intents whose own phrases were said; of phrases that overlap the longer one counts."""
    spans = []
    for intent, ways in phrase.expectation.phrases.items():
        at, length = position(phrase.text, ways, phrase.language)
        if length:
            spans.append((length, at, intent))
    kept: list[tuple[int, int, str]] = []
    for length, at, intent in sorted(spans, key=lambda span: (-span[0], span[1])):
        if all(at + length <= first or at >= first + taken for first, taken, _ in kept):
            kept.append((at, length, intent))
    intents = [intent for _, _, intent in sorted(kept)]
    return Meaning(label=intents[0], intent=intents[0], also=tuple(intents[1:])) if intents else None


def _cancelled(phrase: _Phrase) -> Meaning | None:
    expectation = phrase.expectation
    given_up = expectation.cancels and not expectation.yes_no
    alone = given_up and only(phrase.text, phrase.known.cancel_alone, phrase.language)
    return Meaning(label=CANCELLED) if alone else None


def _chosen(phrase: _Phrase) -> Meaning | None:
    options = phrase.expectation.options
    if not options or phrase.language not in PACKAGES:
        return None
    now = phrase.understanding.now()
    found = choice.chosen(phrase.text, options, phrase.language, now=now, region=phrase.region)
    if found is None:
        return None
    option, confidence = found
    if option is None:  # "no, friday then": what they want instead may be said at once
        return _slots(phrase) or Meaning(label=NONE, confidence=confidence)
    return Meaning(label=CHOSEN, facts=option.facts, confidence=confidence)


def _slots(phrase: _Phrase) -> Meaning | None:
    expectation = phrase.expectation
    if not expectation.slots or phrase.language not in PACKAGES:
        return None
    found = fill(expectation, phrase.text, now=phrase.understanding.now(), region=phrase.region)
    if expectation.open and len(phrase.words) - sum(one.words for one in found) > FEW:
        other = _intent(
            phrase
        )  # "cancel order 4127": more is wanted than to hear of it; the job finds the number itself
        if other and (other.confidence or 0.0) >= NAMED:
            return None
    heard = 1.0 if phrase.confidence is None else phrase.confidence
    good = [one for one in found if min(heard, one.confidence) >= one.rule.doubt]
    facts = {one.rule.fill: one.value for one in good}
    answered = expectation.yes_no and yes_no(phrase.text, phrase.language) is not None
    if not facts or (answered and all(expectation.known.get(name) == value for name, value in facts.items())):
        return None  # "yes, tuesday", when tuesday is what was asked: the yes counts, or the no
    sure = all(min(heard, one.confidence) >= one.rule.sure for one in good)
    return Meaning(label=FILLED if sure else UNSURE, facts=facts, confidence=min(one.confidence for one in good))


def _alone(phrase: _Phrase) -> Meaning | None:
    for label, ways in phrase.expectation.alone.items():
        if only(phrase.text, ways, phrase.language):
            return Meaning(label=label)
    return None


def _choices(phrase: _Phrase) -> Meaning | None:
    choices = phrase.expectation.choices
    match = best_match(phrase.text, choices, phrase.language)
    if match is None:
        return None
    return _intent_beyond(phrase, choices[match[0]], OTHER_JOB) or Meaning(label=match[0], confidence=match[1])


def _yes_no(phrase: _Phrase) -> Meaning | None:
    answer = yes_no(phrase.text, phrase.language) if phrase.expectation.yes_no else None
    if answer is None:
        return None
    ways = (*phrase.known.agree, *phrase.known.disagree)
    return _intent_beyond(phrase, ways, LIKELY) or Meaning(label=YES if answer else NO)


def _intent_beyond(phrase: _Phrase, ways: Sequence[str], sure: float) -> Meaning | None:
    """At an open question what else was said goes before a yes or a choice: "yes, book me a haircut"."""
    if not phrase.expectation.open or left(phrase.text, ways, phrase.language) <= FEW:
        return None
    other = _intent(phrase)
    return other if other and (other.confidence or 0.0) >= sure else None


def _intent(phrase: _Phrase) -> Meaning | None:
    """What the model hears: at an open question whatever it knows, elsewhere only what is clearly another matter."""
    expectation = phrase.expectation
    if not expectation.open:
        if len(phrase.words) < FEW:
            return None
        clear = [
            guess
            for guess in phrase.guesses
            if guess.confidence >= (ASIDE if guess.intent in expectation.asides else OTHER_JOB)
        ]
    else:
        likely = [guess for guess in phrase.guesses if guess.confidence >= LIKELY]
        clear = [guess for at, guess in enumerate(likely) if not at or guess.confidence >= BESIDES]
    intents = list(dict.fromkeys(guess.intent for guess in clear if guess.intent))
    if not intents:
        return None
    return Meaning(
        label=intents[0],
        intent=intents[0],
        also=tuple(intents[1:]),
        confidence=clear[0].confidence,
        model=phrase.version,
    )
