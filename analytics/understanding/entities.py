"""Things a call talks about: orders, dates, times, money, phones, addresses, and products where their names are known.

Values are what ``speech.slots.slots`` finds. A row of digits is an order only by what stands before it: the word
"order" in the same utterance, or the other side's question for its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from analytics.understanding.evidence import proof
from recordings.results.meaning import Entity
from speech.recognition.words import Speaker, Transcript, Utterance
from speech.slots.slots import PACKAGES, find_slot
from speech.text.tokens import lemma, split, text_of, tokens

MOST = 200
"""Entities of a call that are kept; four hours of talk name more than anyone reads."""
SURE: Mapping[str, float] = {"date": 0.6, "time": 0.75, "money": 0.6, "phone": 0.7, "address": 0.6, "digits": 0.5}
"""Confidence from which a slot is believed where nobody asked for it."""
ORDER = {
    "ru": re.compile(r"\b(?:заказ\w*|накладн\w+|отправлени\w+|посылк\w+|заявк\w+)\b"),
    "en": re.compile(r"\b(?:orders?|tracking|parcels?|packages?|shipments?)\b"),
}
ASKS_ORDER = {
    "ru": re.compile(r"\bномер\w*\s+(?:\w+\s+)?(?:заказ\w*|накладн\w+|отправлени\w+|посылк\w+|заявк\w+)"),
    "en": re.compile(r"\b(?:order|tracking|parcel|package)\s+number|number of (?:the|your) (?:order|parcel|package)"),
}
ASKS_PHONE = {
    "ru": re.compile(r"\b(?:номер\w*\s+(?:\w+\s+)?телефон\w*|телефон\w*|контактн\w+ номер\w*)\b"),
    "en": re.compile(r"\b(?:phone|telephone|mobile|contact|callback)(?:\s+number)?\b"),
}
FEWEST_DIGITS = {"order": 3, "phone": 10}
LONGEST_ORDER = 12
"""Digits; longer rows are tracks, cards and phones."""
CUES: Mapping[tuple[str, str], re.Pattern[str]] = {
    ("ru", "money"): re.compile(r"руб|₽|копе|доллар|евро|тысяч|миллион|\$|€"),
    ("en", "money"): re.compile(r"dollar|buck|cent|euro|pound|grand|quid|[$€£]"),
    ("ru", "date"): re.compile(
        r"январ|феврал|март|апрел|ма[яйе]|июн|июл|август|сентябр|октябр|ноябр|декабр|понедельник|вторник|сред[уаы]|четверг"
        r"|пятниц|суббот|воскресен|завтра|вчера|позавчера|через|назад|числ[оау]|\d[./-]\d|выходн"
    ),
    ("en", "date"): re.compile(
        r"january|february|march|april|may|june|july|august|september|october|november|december"
        r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|yesterday|next|last|ago|in |weekend"
        r"|\d(?:st|nd|rd|th)|(?:fir|seco|thi)(?:st|nd|rd)\b|\d[./-]\d"
    ),
    ("ru", "time"): re.compile(r"час|утра|вечера|дня|ночи|минут|половин|полдень|полдня|полноч|полчаса|\d:\d"),
    ("en", "time"): re.compile(
        r"\b[ap]m\b|o'clock|clock|noon|midnight|past|quarter|half|morning|evening|hour|minute|\d:\d|\d\s?[ap]m"
    ),
}
"""What must stand in the words of a value: an answer to "when?" may be a bare number, in free talk that is anything."""
_STREET = {
    "ru": re.compile(r"\b(?:улиц\w*|проспект\w*|переул\w+|шоссе|бульвар\w*|набережн\w+|площад\w+|проезд\w*|дом\w*)\b"),
    "en": re.compile(r"\b(?:street|road|avenue|lane|drive|boulevard|square|court|way|place|terrace)\b"),
}


Catalogue = Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
"""First word of a product's name in its dictionary form → all its words so, and the name to show."""


def catalogue(names: Mapping[str, str], language: str) -> Catalogue:
    """Products to look for: names as people say them → names to show."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for said, shown in names.items():
        if words := tuple(lemma(word, language) for word in tokens(said)):
            found.setdefault(words[0], []).append((words, shown))
    return {first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in found.items()}


def entities(transcript: Transcript, *, now: datetime, products: Catalogue | None = None) -> tuple[Entity, ...]:
    """Entities by time, each value once; none in a language without slots.

    Args:
        transcript: The robot's own words give context and are not looked into.
        now: When the call was, on the clocks of those who speak.
        products: None are found where nobody has named any.
    """
    if transcript.language not in PACKAGES:
        return ()
    found: dict[tuple[str, str], Entity] = {}
    question = ""
    for utterance in transcript.utterances:
        if utterance.speaker is not Speaker.ROBOT:
            for kind, value, text in _of(utterance, question, transcript.language, now, products or {}):
                entity = Entity(kind=kind, value=value, speaker=utterance.speaker, evidence=proof(utterance, text))
                found.setdefault((kind, value), entity)
        question = utterance.text.lower().replace("ё", "е")
        if len(found) >= MOST:
            break
    return tuple(found.values())[:MOST]


def _of(
    utterance: Utterance, question: str, language: str, now: datetime, products: Catalogue
) -> Iterator[tuple[str, str, str]]:
    """Kind, value and words of what one utterance names."""
    text = utterance.text
    plain = text.lower().replace("ё", "е")
    words = split(text)
    if not words:
        return

    def slot(kind: str) -> tuple[str, str]:
        found = find_slot(text, kind, language, now=now)
        if found.value is None or found.confidence < SURE[kind]:
            return "", ""
        return _written(found.value), text_of(words[found.first : found.last]).strip()

    phone = slot("phone")
    if phone[0] and (len(phone[0]) > FEWEST_DIGITS["phone"] or ASKS_PHONE[language].search(question)):
        yield "phone", *phone
    if order := _order(plain, text, question, language, now):
        yield "order", *order
    for kind in ("money", "date", "time"):
        value, said = slot(kind) if CUES[language, kind].search(plain) else ("", "")
        if (
            value
            and CUES[language, kind].search(said.lower())
            and not (kind == "date" and value == now.date().isoformat())
        ):
            yield kind, value, said
    if _STREET[language].search(plain):
        value, said = slot("address")
        if value and any(char.isdigit() for char in value):
            yield "address", value, said
    yield from _products([word.text for word in words], products, language)


def _order(plain: str, text: str, question: str, language: str, now: datetime) -> tuple[str, str] | None:
    """Number of an order and its words, where something says that it is one."""
    named = ORDER[language].search(plain)
    if named is None and not ASKS_ORDER[language].search(question):
        return None
    said = text[named.start() :] if named and len(plain) == len(text) else text
    found = find_slot(said, "digits", language, now=now)
    number = str(found.value or "")
    if found.confidence < SURE["digits"] or not FEWEST_DIGITS["order"] <= len(number) <= LONGEST_ORDER:
        return None
    return number, text_of(split(said)[found.first : found.last]).strip()


def _products(words: Sequence[str], products: Catalogue, language: str) -> Iterator[tuple[str, str, str]]:
    lemmas = [lemma(word, language) for word in words] if products else []
    at = 0
    while at < len(lemmas):
        rows = products.get(lemmas[at], ())
        name, shown = next(
            ((name, shown) for name, shown in rows if tuple(lemmas[at : at + len(name)]) == name), ((), "")
        )
        if shown:
            yield "product", shown, " ".join(words[at : at + len(name)])
        at += len(name) or 1


def _written(value: object) -> str:
    """A slot's value as text: ``1990.00 RUB``."""
    if isinstance(value, Mapping):
        return f"{float(value['amount']):.2f} {value['currency']}"
    return str(value)
