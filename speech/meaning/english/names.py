"""Names of people: after "my name is" and the like, alone as an answer, or spelled.

No list of names is kept: an answer is a name unless a word in it is one that answers otherwise (``NOT_NAMES``).
"""

from __future__ import annotations

from speech.meaning.english.spoken import HESITATIONS, SCALES, TENS, UNITS, Words, certainty, joined, phrase_at, word_at
from speech.meaning.slots import NOTHING, Slot

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
    "they call me",
    "people call me",
    "it's for",
    "it is for",
    "put it under",
    "it's under",
    "under",
    "name",
)
WEAK_CUES = ("this is", "it is", "it's", "i am", "i'm", "that's", "that is", "that would be", "speaking with", "here is")
"""After these a name may come, or anything else."""
TITLES = frozenset("mr mrs miss ms mister missus doctor dr professor prof sir madam ma'am lady lord captain".split())
NOT_NAMES = frozenset(
    """
    a an the and or but if so as at by for from in into of off on onto out over to up with about after before again
    i i'm i'd i'll i've me my mine myself you your yours you're he she it its it's we us our they them their there
    this that these those that's what what's when where which who whom whose why how all any both each few more most
    other some such no nope nah nor not only own same than too very can can't cannot could couldn't do don't does
    doesn't did didn't done doing have haven't has hasn't had having be am is isn't are aren't was wasn't were been
    being should shouldn't would wouldn't won't must might shall need needs want wants wanted like likes liked get
    gets got getting give gives gave go goes going gone went make makes made making take takes took taking say says
    said saying tell tells told telling ask asks asked asking know knows knew knowing think thinks thought thinking
    see sees saw look looks looking find found use used using call calls called calling try trying leave work works
    working help helps helped helping hear heard hearing speak speaks speaking talk talking come comes came coming
    put wait waiting hold pay paid paying buy bought buying order orders ordered ordering cancel change changed check
    book booking send sent receive received return returned deliver delivered delivery refund account number phone
    email address name names please thanks thank yes yeah yep yup sure okay ok right wrong correct maybe perhaps hello
    hi hey good morning afternoon evening night bye goodbye sorry well just now then here today tomorrow yesterday
    still yet already always never ever really actually also back even much many lot something anything nothing
    everything someone anyone everyone nobody problem question issue customer service support operator agent manager
    human person people robot machine time day week month year one two first second last next new old great fine bad
    happy tired late busy ready interested afraid angry upset glad able important private secret none matter business
    company shop store price money card bank bill's product item thing things stuff information data not-telling let
    let's lets keep stop start remember forget forgot understand repeat mean means meant rather prefer care mind hear
    moment minute minutes hour hours number's because while though through since until without within between
    against during under above below down further once every own himself herself yourself whatever whoever nevermind
    ridiculous terrible awful cold hot home car house room water food your's gonna wanna gotta dunno um uh er erm
    broken wrong's missing lost dead open closed free available possible impossible urgent emergency appointment
    reservation complaint status where's who's how's don hope hoping can could've cheers regarding concerning
    """.split()
)
BOTH = frozenset({"hope", "don", "bill", "will", "mark", "may", "grace", "rose", "faith", "joy"})
"""Names that are words as well: a name after a cue or alone, not in a sentence."""
SUFFIXES = {"jr": "Jr", "junior": "Junior", "sr": "Sr", "senior": "Senior"}
LONGEST = 4
"""Words of a name."""


def find_name(words: Words) -> Slot:
    """The person's name, title case, as said; titles are left out."""
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


OPENINGS = frozenset("yes yeah yep sure ok okay well so hello hi hey oh it's please for good morning afternoon evening".split())
TAILS = (("speaking",), ("here",), ("please",), ("is", "my", "name"), ("thanks",), ("thank", "you"), ("is", "the", "name"))
"""What may follow a name that stands alone."""


def _name_at(words: Words, at: int, sure: float, *, cue: bool) -> Slot:
    """The name that begins here; nothing where an ordinary word comes first."""
    while at < len(words) and (words[at].text in TITLES or words[at].text in HESITATIONS):
        at += 1
    first = at
    parts: list[str] = []
    while at < len(words) and len(parts) < LONGEST:
        letters = _spelled(words, at)
        if letters:
            at += len(letters)
            at += _spell(parts, "".join(letters))
            continue
        word = words[at]
        if phrase_at(words, at, "hyphen", "dash") and parts and at + 1 < len(words):
            parts[-1] = f"{parts[-1]}-{_cased(words[at + 1].raw)}"
            at += 2
            continue
        if parts and phrase_at(words, at, "that's", "spelled", "spelt", "i spell it") and _spelled(words, _past_spelling(words, at)):
            at = _past_spelling(words, at)
            continue
        if not _can_be_name(words, at, alone=not cue and not parts):
            break
        if parts and joined(words, at, "-"):
            parts[-1] = f"{parts[-1]}-{_cased(word.raw)}"
        elif parts and any(mark in word.before for mark in ",.!?;:") and not _initial(words, at):
            break
        else:
            parts.append(SUFFIXES.get(word.text) or _cased(word.raw))
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
    return word not in NOT_NAMES and word not in HESITATIONS and not (word.endswith("ing") and alone and len(words) > 3)


def _spelled(words: Words, at: int) -> list[str]:
    """Single letters in a row from here on, "double" and "for mary" understood; none where fewer than two."""
    letters: list[str] = []
    while len(word_at(words, at)) == 1 and word_at(words, at).isalpha():
        letters.append(word_at(words, at))
        at += 1
    return letters if len(letters) >= 2 else []


def _past_spelling(words: Words, at: int) -> int:
    return at + phrase_at(words, at, "i spell it", "that's", "spelled", "spelt")


def _spell(parts: list[str], letters: str) -> int:
    """Take a spelled word: it repairs the one before that sounds like it, else it is one more. Returns 0."""
    if parts and parts[-1][:1].lower() == letters[:1] and abs(len(parts[-1]) - len(letters)) <= 3:
        parts.pop()
    parts.append(_cased(letters))
    return 0


def _initial(words: Words, at: int) -> bool:
    """Whether only the point of an initial stands before this word: "John F. Kennedy"."""
    return len(word_at(words, at - 1)) == 1 and words[at].before.startswith(".")


def _cased(raw: str) -> str:
    """Title case that leaves typed capitals inside a name alone: "McDonald", "O'Neil"."""
    if not raw.islower() and not raw.isupper() and raw[:1].isupper():
        return raw
    pieces = raw.lower().replace("’", "'").split("'")
    # o'neil and d'angelo have a second capital, as have names with mc
    cased = "'".join(_capital(piece) if len(pieces[0]) <= 2 or at == 0 else piece for at, piece in enumerate(pieces))
    return cased


def _capital(piece: str) -> str:
    if piece.startswith("mc") and len(piece) > 4:
        return "Mc" + piece[2:].capitalize()
    return piece.capitalize()
