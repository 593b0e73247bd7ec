"""What reads strangers' words takes the square of nothing: whole readers, fed with what the patterns repeat."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial

import pytest

from analytics.dictionary.category import Phrase
from analytics.dictionary.matcher import Matcher
from api.chat.webhook import own_words
from speech.intents.splitting import parts
from speech.redaction.redaction import redact_text
from speech.slots.inverse_text_normalization import written
from speech.slots.slots import KINDS, corrected, find_slot
from speech.synthesis.festival import _speakable
from speech.text.sentences import sentences
from speech.text.tokens import lemma, split
from tests.fuzz.growth import is_steep, seconds
from tests.fuzz.pumps import patterns, samples

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 30, 12)  # noqa: DTZ001 (the caller's clock)
SEED = int(os.environ.get("OTKLIK_TEST_SEED", "20261201"))
"""The same each time, so that a fault is one of the change at hand; another one is for who hunts."""
ALWAYS = (
    " ", "\n", ".7", "7a", "7.", "+7", "+7 ", "a@", "a", "[", "(", "да ", "one ", "двадцать ", "собака ", "at dot ",
    "улица ", "street ", "Иван ", "http://", "password", "пароль ", "iban aa11 ", "İ", "\ufffc", "\x1e", "[phone]",
    "анти", "супер", "hundred and ", "не ", "not ", "\u0301", "👍", "1 000 ", "-", "we will call ",
    "мы вам перезвоним ",
)  # fmt: skip
QUICK, HOPELESS = 5e-6, 1e-2
"""Seconds a character: a tenth of a second for the longest message; what is too much for any."""
AT_RANDOM = 25
"""Of what the patterns repeat, drawn by a seed that is told."""
WORKS: Mapping[str, Callable[[str], object]] = {
    "own words": own_words,
    "parts": parts,
    "sentences": sentences,
    "split": split,
    "lemma": partial(lemma.__wrapped__, language="ru"),
    "festival": _speakable,
    "redacted de": partial(redact_text, language="de"),
    **{f"redacted {language}": partial(redact_text, language=language) for language in ("ru", "en")},
    **{f"corrected {language}": partial(corrected, language=language) for language in ("ru", "en")},
    **{f"written {language}": partial(written, language=language) for language in ("ru", "en")},
    **{
        f"{kind} {language}": partial(find_slot, kind=kind, language=language, now=NOW)
        for language in ("ru", "en")
        for kind in KINDS
    },
}


@cache
def drawn(seed: int) -> tuple[str, ...]:
    pumps = {pump for found in patterns() for pump in samples(found.pattern)}
    every = sorted(pump for pump in pumps if pump.strip() and pump == pump.encode("utf-8", "ignore").decode())
    return (*ALWAYS, *random.Random(seed).sample(every, AT_RANDOM))


def _repeated(pump: str, size: int) -> str:
    return (pump * size)[:size]


@pytest.mark.parametrize("name", WORKS)
def test_readers_of_words(name: str) -> None:
    work = WORKS[name]
    work("один two 3")  # tables are loaded
    slowest = sorted(drawn(SEED), key=lambda pump: -seconds(work, (pump * 400)[:400]))[:4]
    for pump in slowest:
        slow = is_steep(work, partial(_repeated, pump), short=400, long=1600, quick=QUICK, hopeless=HOPELESS)
        assert not slow, f"seed {SEED}: {slow}"


@pytest.mark.parametrize("any_order", [False, True])
@pytest.mark.parametrize("distinct", [False, True])
def test_phrases_of_a_dictionary(any_order: bool, distinct: bool) -> None:
    said = [f"w{number % 8 if distinct else 0}" for number in range(8)]
    phrase = Phrase(
        written="", words=tuple((word,) for word in [*said, "end"]), within=20, any_order=any_order, fuzzy=None
    )
    matcher = Matcher([phrase], "en")
    slow = is_steep(
        lambda text: matcher.places(text.split()),
        lambda size: " ".join(said[number % 8] for number in range(size // 3)) + " x end",
        short=200,
        long=800,
        quick=QUICK,
        hopeless=HOPELESS,
    )
    assert not slow
