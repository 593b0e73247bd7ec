"""Names of people in Russian speech: first name, patronymic and surname, as they are said."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from speech.slots.russian.grammar import forms, is_known, parses
from speech.slots.slots import NOTHING, Slot
from speech.text.language import pack
from speech.text.tokens import Token

KINDS = ("Name", "Patr", "Surn")
"""Tags that pymorphy3 gives to first names, patronymics and surnames."""
STRONG = (
    "меня зовут | зовут меня | мое имя | мое полное имя | имя | фамилия | моя фамилия | отчество | зовут | "
    "зовите меня | зовите | звать меня | на фамилию | по имени | по фамилии | обращайтесь | называйте меня"
)
"""After these a name follows, however rare."""
WEAK = (
    "это | я | говорит | беспокоит | вас беспокоит | звонит | вам звонит | на связи | можно просто | просто | запиши | "
    "запишите | пишите | записывайте | представлюсь | представляюсь | пусть будет | давайте | да | добрый день | "
    "здравствуйте"
)
"""After these a name may follow."""
OBLIQUE = {
    "на имя | от имени | для | от | у | по имени | по фамилии": frozenset({"gent"}),
    "на | про | за": frozenset({"accs"}),
    "к": frozenset({"datv"}),
    "с": frozenset({"ablt"}),
}
"""After these a name stands in these cases."""
ANY_CASE = frozenset({"gent", "datv", "accs", "ablt", "loct"})
AFTER = "меня зовут | зовут | зовут меня | меня | моя фамилия | мое имя"
"""Before these a name may stand."""
INSIDE = frozenset(forms("фамилия имя отчество а э"))
"""Words that may stand between the names of one person."""
PLACES = frozenset(forms("улица улице улицу проспект площадь город городе переулок район метро станция проезд бульвар"))
COURTESY = frozenset(
    forms(
        "добрый день вечер утро доброе здравствуйте привет алло спасибо пожалуйста да нет очень приятно я это "
        "меня зовут мое моя имя фамилия отчество просто можно звать называть говорит вас беспокоит на связи "
        "записывайте запишите пишите будет вот так ну а и конечно хорошо значит"
    )
)
"""Words beside which a rare or ambiguous name still stands alone."""
NEVER = frozenset(forms("NPRO PREP CONJ PRCL VERB INFN ADVB PRED NUMR INTJ COMP GRND"))
"""Parts of speech that are no name."""
LIKE_SURNAME = re.compile(r"...(?:[оеёи]в|[иы]н)а?$|...(?:ск|цк)(?:ий|ая)$|...(?:енко|[уюи]к|[ая]н|дзе|швили|[ыи]х)$")
"""Endings of surnames; words that end so are one beside a first name."""
UNLISTED = frozenset(forms("софия амелия амина лиана грант рустик толик фая мирон карен стефания эля лола аделия"))
"""First names that the dictionary lacks or reads as other words."""
RARE = 0.005
"""Share of readings as a name below which a word is none."""
ODD = 0.1
"""The same for a word that is first of all a verb or an adverb."""
SURE = 0.4
"""From here a word by itself is a name."""
CERTAIN = 0.9
"""From here it is one among any other words: it means nothing else."""
CUE = 6
"""Words before or after a name that are looked at for a cue."""
MOST = 4
"""Words of a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Words that may name one person, and how sure that is."""

    places: tuple[int, ...]
    confidence: float
    cases: frozenset[str] = frozenset()
    """Cases that a word before the name asks for."""


def name(words: Sequence[Token]) -> Slot:
    """The name of a person in title case; in the nominative where it was said "на имя …"."""
    texts = [word.text for word in words]
    content = sum(_is_content(text) for text in texts)
    best: Run | None = None
    at = 0
    while at < len(texts):
        run = _run(texts, at, content)
        if run and (best is None or run.confidence > best.confidence):
            best = run
        at = run.places[-1] + 1 if run else at + 1
    best = best or _rare(texts)
    if best is None:
        return NOTHING
    first, last = best.places[0], best.places[-1] + 1
    return Slot(
        value=_shown([words[place] for place in best.places], best.cases),
        confidence=best.confidence,
        first=first,
        last=last,
    )


def _run(texts: list[str], at: int, content: int) -> Run | None:
    """The name that begins with a word, if there is reason to take it for one."""
    before = texts[max(0, at - CUE) : at]
    strong, weak = _ends_with(before, STRONG), _ends_with(before, WEAK)
    places: list[int] = []
    place = at
    while place < len(texts) and len(places) < MOST:
        if _fits(texts[place], cued=strong) or _is_beside_name(texts, place):
            places.append(place)
        elif not (places and texts[place] in INSIDE and place + 1 < len(texts) and _share(texts[place + 1]) >= RARE):
            break
        place += 1
    if not places or (at and texts[at - 1] in PLACES):
        return None
    cases = next((cases for phrases, cases in OBLIQUE.items() if _ends_with(before, phrases)), frozenset())
    named = strong or _begins_with(texts[places[-1] + 1 : places[-1] + CUE], AFTER)
    others = content - sum(_is_content(texts[place]) for place in places)
    confidence = _confidence([texts[place] for place in places], others, strong=named, weak=weak or bool(cases))
    return Run(places=tuple(places), confidence=confidence, cases=cases) if confidence else None


def _confidence(names: list[str], others: int, *, strong: bool, weak: bool) -> float:
    """How sure it is that words are a name, 0 for not at all; ``others`` counts the other words of weight."""
    shares = [_share(text) for text in names]
    kinds = {_kind(text) for text in names}
    if strong:
        return 0.95
    if len(names) > 1 and (kinds & {"Patr", "Name"}) and (max(shares) >= SURE or not others):
        return 0.9
    if not others:
        return 0.9 if max(shares) >= SURE else 0.7 if "Name" in kinds or max(shares) >= ODD else 0.0
    if weak and max(shares) >= SURE:
        return 0.8
    return 0.5 if max(shares) >= CERTAIN and "Surn" not in kinds else 0.0


def _rare(texts: list[str]) -> Run | None:
    """An answer of one or two words that are no others: a name, as that was asked for."""
    places = [at for at, text in enumerate(texts) if _is_content(text)]
    rare = all(texts[at].isalpha() and len(texts[at]) > 2 and _is_rare(texts[at]) for at in places)
    return Run(places=tuple(places), confidence=0.4) if 0 < len(places) <= 2 and rare else None


def _is_content(text: str) -> bool:
    """Whether a word is more than courtesy, a cue or a filler."""
    return bool(text) and text not in COURTESY and text not in pack("ru").fillers


def _is_rare(text: str) -> bool:
    """Whether no dictionary knows a word, or it ends as surnames do and names no thing."""
    tag = parses(text)[0].tag
    return not is_known(text) or (bool(LIKE_SURNAME.search(text)) and "inan" not in tag)


def _fits(text: str, *, cued: bool) -> bool:
    """Whether a word can be part of a name; after a cue unknown words and nouns can."""
    if not text.isalpha() or text in COURTESY:
        return False
    if _share(text) >= RARE or (cued and LIKE_SURNAME.search(text)):
        return True
    return cued and parses(text)[0].tag.POS not in NEVER and (not is_known(text) or parses(text)[0].tag.case == "nomn")


def _is_beside_name(texts: list[str], at: int) -> bool:
    """Whether a word that also means something else is a surname, by the first name or patronymic next to it."""
    text = texts[at]
    before = at > 0 and _share(texts[at - 1]) >= SURE and _kind(texts[at - 1]) != "Surn"
    after = at + 1 < len(texts) and _share(texts[at + 1]) >= SURE and _kind(texts[at + 1]) == "Name"
    if LIKE_SURNAME.search(text) and text.isalpha():
        return before or after
    full = (before and _kind(texts[at - 1]) == "Patr") or (after and _kind((*texts[at + 2 : at + 3], "")[0]) == "Patr")
    adjective = "ADJF" in parses(text)[0].tag and text not in COURTESY
    return adjective and (full or (len(texts) <= 3 and (before or after)))


@lru_cache(maxsize=10_000)
def _share(text: str) -> float:
    """The share of a word's readings, 0..1, that are names; 0 for a word of grammar."""
    if not text.isalpha() or len(text) < 2:
        return 0.0
    share: float = sum(reading.score for reading in parses(text) if _is_name(reading))
    if text in UNLISTED:
        return max(share, SURE)
    return share if share >= ODD or parses(text)[0].tag.POS not in NEVER else 0.0


def _kind(text: str) -> str:
    """First name, patronymic or surname, by the likeliest reading as a name; empty for none."""
    reading = next((reading for reading in parses(text) if _is_name(reading)), None)
    if text in UNLISTED:
        return "Name"
    return next((kind for kind in KINDS if reading and kind in reading.tag), "")


def _is_name(reading: Any) -> bool:
    return "NOUN" in reading.tag and reading.tag.number == "sing" and any(kind in reading.tag for kind in KINDS)


def _shown(words: Sequence[Token], cases: frozenset[str]) -> str:
    """The name in title case, hyphens kept, in the nominative if it may stand in another case."""
    readings = [[reading for reading in parses(word.raw.lower()) if _is_name(reading)] for word in words]
    nominative = all(any(reading.tag.case == "nomn" for reading in ways) for ways in readings if ways)
    if not cases and not nominative:
        cases = ANY_CASE
    gender = _gender(readings, cases or {"nomn"})
    shown: list[str] = []
    for word, ways in zip(words, readings, strict=True):
        spelled = _nominative(ways, gender, cases) if cases else ""
        shown.append(("-" if shown and word.before == "-" else " ") + _title(spelled or word.raw))
    return "".join(shown).strip()


def _gender(readings: list[list[Any]], cases: Set[str]) -> str:
    """Masculine or feminine, as the first name or patronymic tells; empty where only a surname is there."""
    for ways in readings:
        for reading in ways:
            if ("Name" in reading.tag or "Patr" in reading.tag) and reading.tag.case in cases:
                return str(reading.tag.gender or "")
    return ""


def _nominative(ways: list[Any], gender: str, cases: Set[str]) -> str:
    """The nominative of a name that stands in one of the cases and has the gender; empty where it does not."""
    for reading in ways:
        own = reading.tag.gender
        if reading.tag.case in cases and (not gender or own in {gender, "ms-f"}):
            form = reading.inflect({"nomn", "sing", own} - {"ms-f", None})
            if form:
                return str(form.word)
    return ""


def _title(word: str) -> str:
    return word if word[1:] != word[1:].lower() and word != word.upper() else word[:1].upper() + word[1:].lower()


def _ends_with(texts: list[str], phrases: str) -> bool:
    fillers = pack("ru").fillers - {"это", "здравствуйте"}
    said = [text for text in texts if text not in fillers]
    return any(said[-len(phrase) :] == phrase for phrase in _phrases(phrases))


def _begins_with(texts: list[str], phrases: str) -> bool:
    return any(texts[: len(phrase)] == phrase for phrase in _phrases(phrases))


@lru_cache(maxsize=16)
def _phrases(phrases: str) -> list[list[str]]:
    return [phrase.split() for phrase in phrases.split("|")]
