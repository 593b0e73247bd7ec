"""Names of people: after "my name is" and the like, alone as an answer, or spelled.

No list of names is kept: an answer is a name unless a word in it is one that answers otherwise (``not_names.txt``).
"""

from __future__ import annotations

from functools import cache

from speech.slots.english.numerals import HESITATIONS, SCALES, TENS, UNITS, Words, certainty, joined, phrase_at, word_at
from speech.slots.slots import NOTHING, Slot
from speech.text.language import data
from speech.text.tokens import listed

FIRST_CUES = ("first name is", "first name's", "first name", "given name is", "given name")
LAST_CUES = (
    "last name is",
    "last name's",
    "last name",
    "surname is",
    "surname's",
    "surname",
    "family name is",
    "family name",
)
STRONG_CUES = (
    "my full name is",
    "my first name is",
    "my last name is",
    "my name is",
    "my name's",
    "my name",
    "the name is",
    "the name's",
    "name is",
    "name's",
    "under the name of",
    "under the name",
    "in the name of",
    "by the name of",
    "i am called",
    "i'm called",
    "you can call me",
    "just call me",
    "call me",
    "i go by",
    "name on the account is",
    "book it for",
    "they call me",
    "people call me",
    "it's for",
    "it is for",
    "put it under",
    "it's under",
    "under",
    *LAST_CUES,
    "name",
)
WEAK_CUES = (
    "this is",
    "it is",
    "it's",
    "i am",
    "i'm",
    "that's",
    "that is",
    "that would be",
    "speaking with",
    "here is",
)
"""After these a name may come, or anything else."""
TITLES = frozenset(listed("mr mrs miss ms mister missus doctor dr professor prof sir madam ma'am lady lord captain"))

BOTH = frozenset({"hope", "don", "bill", "will", "mark", "may", "grace", "rose", "faith", "joy"})
"""Names that are words as well: a name after a cue or alone, not in a sentence."""
SPELLING = ("i spell it", "that's", "spelled", "spelt")
"""Between a name and its letters."""
SUFFIXES = {"jr": "Jr", "junior": "Junior", "sr": "Sr", "senior": "Senior"}
LONGEST = 4
"""Words of a name."""
OPENINGS = frozenset(
    listed("yes yeah yep sure ok okay well so hello hi hey oh it's please for good morning afternoon evening")
)
TAILS = (
    ("speaking",),
    ("here",),
    ("please",),
    ("is", "my", "name"),
    ("thanks",),
    ("thank", "you"),
    ("is", "the", "name"),
)
"""Words that may follow a name that stands alone."""


@cache
def not_names() -> frozenset[str]:
    """Words that answer otherwise than with a name."""
    rows = data("en", "not_names.txt").read_text("utf-8").splitlines()
    return frozenset(word for row in rows if not row.startswith("#") for word in row.split())


def find_name(words: Words) -> Slot:
    """The person's name, title case, as said; titles are left out."""
    if (given := _after(words, FIRST_CUES)) and (family := _after(words, LAST_CUES)):
        first, last = min(given.first, family.first), max(given.last, family.last)
        return Slot(value=f"{given.value} {family.value}", confidence=0.9, first=first, last=last)
    for cues, sure in ((STRONG_CUES, 0.95), (WEAK_CUES, 0.85)):
        for at in range(len(words)):
            length = phrase_at(words, at, *cues)
            slot = _name_at(words, at + length, sure, cue=True) if length else NOTHING
            if slot.value is not None:
                return slot
    start = 0
    while start < len(words) and (words[start].text in HESITATIONS or word_at(words, start) in OPENINGS):
        start += 1
    slot = _name_at(words, start, 0.8, cue=False)
    rest = [word.text for word in words[slot.last :]]
    after = next((tail for tail in TAILS if rest[: len(tail)] == list(tail)), None)
    return slot if not rest or after is not None else NOTHING


def _after(words: Words, cues: tuple[str, ...]) -> Slot | None:
    """The name behind one of these cues."""
    for at in range(len(words)):
        if length := phrase_at(words, at, *cues):
            slot = _name_at(words, at + length, 0.9, cue=True)
            if slot.value is not None:
                return slot
    return None


def _name_at(words: Words, at: int, sure: float, *, cue: bool) -> Slot:
    """The name that begins here; nothing where an ordinary word comes first."""
    while at < len(words) and (words[at].text in TITLES or words[at].text in HESITATIONS):
        cue = cue or words[at].text in TITLES
        at += 1
    first = at
    parts: list[str] = []
    while at < len(words) and len(parts) < LONGEST:
        spelling = at + phrase_at(words, at, *SPELLING) if parts else at
        if letters := _spelled(words, spelling):
            _take_spelled(parts, "".join(letters))
            at = spelling + len(letters)
            continue
        if parts and at + 1 < len(words) and phrase_at(words, at, "hyphen", "dash"):
            parts[-1] += "-" + _cased(words[at + 1].raw)
            at += 2
            continue
        if not _can_be_name(words, at, alone=not cue and not parts):
            break
        if parts and joined(words, at, "-"):
            parts[-1] += "-" + _cased(words[at].raw)
        elif parts and any(mark in words[at].before for mark in ",.!?;:") and not _initial(words, at):
            break
        else:
            parts.append(SUFFIXES.get(words[at].text) or _cased(words[at].raw))
        at += 1
    # "bond james bond" says the family name first and then all of it
    if len(parts) == 3 and parts[0] == parts[2]:
        parts = parts[1:]
    if not parts or (len(parts) == 1 and len(parts[0]) < 2):
        return NOTHING
    return Slot(value=" ".join(parts), confidence=min(sure, certainty(words, first, at)), first=first, last=at)


def _can_be_name(words: Words, at: int, *, alone: bool) -> bool:
    word = words[at].text
    if word.isdecimal() or word in UNITS or word in TENS or word in SCALES or word in TITLES:
        return False
    if word in BOTH:
        return not alone or len(words) <= 2
    return (
        word not in not_names() and word not in HESITATIONS and not (word.endswith("ing") and alone and len(words) > 3)
    )


def _spelled(words: Words, at: int) -> list[str]:
    """Single letters in a row from here on; none where fewer than two."""
    letters: list[str] = []
    while len(word_at(words, at)) == 1 and word_at(words, at).isalpha():
        letters.append(word_at(words, at))
        at += 1
    return letters if len(letters) >= 2 else []


def _take_spelled(parts: list[str], letters: str) -> None:
    """A spelled word repairs the one before it that begins alike, else it is one more."""
    if parts and parts[-1][:1].lower() == letters[:1] and abs(len(parts[-1]) - len(letters)) <= 3:
        parts.pop()
    parts.append(_cased(letters))


def _initial(words: Words, at: int) -> bool:
    """Whether only the point of an initial stands before this word: "John F. Kennedy"."""
    return len(word_at(words, at - 1)) == 1 and words[at].before.startswith(".")


def _cased(raw: str) -> str:
    """Title case that leaves typed capitals inside a name alone: "McDonald", "O'Neil"."""
    if not raw.islower() and not raw.isupper() and raw[:1].isupper():
        return raw
    pieces = raw.lower().replace("’", "'").split("'")
    # o'neil and d'angelo have a second capital, as have names with mc
    return "'".join(_capital(piece) if len(pieces[0]) <= 2 or at == 0 else piece for at, piece in enumerate(pieces))


def _capital(piece: str) -> str:
    if piece.startswith("mc") and len(piece) > 4:
        return "Mc" + piece[2:].capitalize()
    return piece.capitalize()
