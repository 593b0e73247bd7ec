"""E-mail addresses as Russians say them: "иван точка петров собака яндекс точка ру"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from speech.slots.contacts import EmailWords, find_email
from speech.slots.russian.dictated_digits import group_at
from speech.slots.russian.grammar import table
from speech.slots.slots import NOTHING, Slot
from speech.text.tokens import Token

LETTERS = table(
    {
        "a": "эй",
        "b": "би бэ бе",
        "c": "си цэ це",
        "d": "ди дэ де",
        "f": "эф фэ",
        "g": "джи гэ ге жэ",
        "h": "эйч аш эйдж ха",
        "i": "ай",
        "j": "джей жи йот",
        "k": "кей ка",
        "l": "эль эл",
        "m": "эм",
        "n": "эн",
        "o": "оу",
        "p": "пи пэ пе",
        "q": "кью ку",
        "r": "ар эр рэ",
        "s": "эс",
        "t": "ти тэ те",
        "v": "ви вэ ве",
        "w": "дабл дубль",
        "x": "икс экс",
        "y": "уай вай игрек",
        "z": "зет зед зэт зэд зи зэ",
        "ch": "че",
        "sh": "ша",
        "shch": "ща",
    }
)
"""Names of letters, Latin and Russian."""
KNOWN = table(
    {
        "yandex": "яндекс яндех",
        "mail": "мейл мэйл майл меил меил мэил маил",
        "gmail": "джимейл джимэйл джимеил гмейл гмэйл гмайл жмейл жимейл джимайл гмаил",
        "rambler": "рамблер рэмблер",
        "google": "гугл",
        "inbox": "инбокс",
        "hotmail": "хотмейл хотмэйл",
        "outlook": "аутлук оутлук",
        "yahoo": "яху",
        "icloud": "айклауд",
        "com": "ком",
        "net": "нет",
        "by": "бай",
        "рф": "рф",
        "alex": "алекс",
        "max": "макс",
        "john": "джон",
        "shop": "шоп",
        "store": "стор",
        "office": "офис",
        "support": "суппорт саппорт",
        "service": "сервис",
        "business": "бизнес",
        "help": "хелп",
        "sales": "сейлс",
        "online": "онлайн",
        "home": "хоум",
        "work": "ворк",
        "team": "тим",
        "club": "клаб",
        "user": "юзер",
        "hr": "хр",
        "contact": "контакт",
        "company": "компани",
        "market": "маркет",
        "group": "груп",
        "best": "бест",
        "cool": "кул",
        "my": "май",
        "new": "нью",
        "design": "дизайн",
        "news": "ньюс",
        "photo": "фото",
        "job": "джоб",
        "web": "веб",
        "tech": "тек",
    }
)
"""Words that are written otherwise than letter by letter."""
LATIN = {
    **dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True)),
    **table({"zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "shch": "щ", "yu": "ю", "ya": "я"}),
    **dict.fromkeys("ъь", ""),
}
ENDINGS = (("ия", "ia"), ("ий", "y"), ("ый", "y"))
"""As people write their names: maria, dmitry."""
LETTER_W = {("дабл", "ю"), ("дубль", "вэ"), ("дубль", "ве"), ("дабл", "ви")}
STOPS = (
    "почта почту почты почте почтой адрес адреса имейл емейл мейлом мыло email mail e-mail мой моя мою моей это вот "
    "такой такая записывайте запишите пишите записывай диктую электронная электронную электронной электронный на "
    "будет да конечно хорошо ладно сейчас значит пожалуйста спасибо у меня отправьте пришлите скиньте сначала"
)
"""After these an address begins."""


def latin(word: str) -> str:
    """A word or the name of a letter as it is written in an address; empty for what cannot stand there."""
    if word in KNOWN:
        return KNOWN[word]
    if word in LETTERS:
        return LETTERS[word]
    for ending, written in ENDINGS:
        if len(word) > len(ending) + 1 and word.endswith(ending):
            return latin(word[: -len(ending)] + "ъ") + written
    return "".join(LATIN.get(char, char) for char in word)


WORDS = EmailWords(
    language="ru",
    at=("собака", "собачка", "собаку", "собачку", "собакой", "собаки", "эт", "at", "коммерческое эт"),
    dot=("точка", "точку", "точкой", "дот", "dot", "тчк"),
    dash=("дефис", "тире", "минус", "черточка", "черта", "через дефис", "через тире", "дэш", "через черточку"),
    underscore=tuple(
        f"{before}{mark}"
        for mark in ("нижнее подчеркивание", "подчеркивание", "нижний пробел", "нижняя черта", "нижнее тире")
        for before in ("", "через ", "знак ")
    ),
    plus=("плюс",),
    stops=frozenset(STOPS.split()),
    skipped=frozenset({"э", "ну", "так", "потом", "дальше", "затем", "маленькая", "маленькими", "буква"}),
    latin=latin,
)


def email(words: Sequence[Token], text: str) -> Slot:
    """The last address, typed or spoken, in small letters."""
    kept = _letters(words)
    found = find_email([word for _, word in kept], WORDS, text)
    if found is None:
        return NOTHING
    address, first, last = found
    typed = any("@" in word.before for word in words)
    return Slot(value=address, confidence=0.95 if typed else 0.8, first=kept[first][0], last=kept[last - 1][0] + 1)


def _letters(words: Sequence[Token]) -> list[tuple[int, Token]]:
    """The words with their places, a letter spelled by a name as one, "а как анна", and numbers in digits."""
    kept: list[tuple[int, Token]] = []
    at = 0
    while at < len(words):
        text = words[at].text
        digits, last = group_at(words, at)
        following = [word.text for word in words[at + 1 : at + 3]]
        kept.append((at, replace(words[at], text=digits) if digits else words[at]))
        if digits:
            at = last
        elif following[:1] == ["как"] and following[1:] and latin(text)[:1] == latin(following[1])[:1]:
            at += 3
        else:
            at += 2 if following and (text, following[0]) in LETTER_W else 1
    return kept
