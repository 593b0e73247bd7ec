"""Names of people in running English speech: by a list of first names, by cues, by titles and by spelled letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from speech.redaction.line import BARRIER, TURN, TextLine, span_of
from speech.redaction.span import PrivateSpan
from speech.slots.english.names import TITLES, not_names
from speech.slots.english.numerals import ORDINALS, SCALES, TEENS, TENS, UNITS, ZEROS
from speech.text.language import data
from speech.text.tokens import Token, listed

STRONG = re.compile(
    r"(?:^| )(?:(?:my|his|her|the|your|first|last|full|family|given|middle|maiden|husband's|wife's|son's|daughter's|"
    r"mother's|father's|boss's|manager's|customer's|patient's) name(?: is|'s| was)|name is|name's|(?:first|last|full|"
    r"given|family|middle|maiden) name|my name|sur ?name(?: is|'s)?|under the name(?: of)?|in the name of|"
    r"by the name of|call me|(?:i'm|i am|he's|she's|is) called|i go by|name on (?:the|my) (?:account|card|order|"
    r"booking) is|(?:speaking|spoke|talking|talked) (?:with|to)(?: a)?|named|addressed to|attention|registered to|"
    r"booked under|belongs to|payable to|account holder(?: is)?|cardholder(?: is| name)?|your name|"
    r"contact person(?: is)?|(?:it's|its|that's|this is|is|booking|reservation|order|account) under)(?: (?:is|"
    r"please|yes|sure|okay|hi|hello|um|uh|er|like|"
    r"it's|that's|would be|just|a|is that|just in))*$"
)
"""After these a name follows, however rare."""
WEAK = re.compile(
    r"(?:^| )(?:this is|it's|it is|i'm|i am|that's|here is|hi|hello|hey|thanks|thank you|dear|morning|afternoon|"
    r"evening|sorry|ask for|speak (?:to|with)|talk (?:to|with)|transfer (?:me )?to|connect (?:me )?(?:to|with)|agent|"
    r"operator|manager|supervisor|technician|driver|nurse|husband|wife|son|daughter|mother|father|brother|sister|mom|"
    r"dad|boss|friend|colleague|assistant|uncle|aunt|neighbor|neighbour|partner|meet|from|with|for|to|by|okay|yes|and|"
    r"tell|was|so|please)$"
)
"""After these a word that can be a name is one."""
SURNAME_CUE = re.compile(r"(?:^| )(?:it's|this is|i'm|i am|that's|under|for)$")
"""After these a surname that is no other word is one without its first name."""
WEAK_TITLES = frozenset({"captain", "lady", "lord", "sir", "madam", "ma'am", "miss", "doctor", "dr"})
NUMERALS = frozenset(UNITS) | frozenset(TENS) | frozenset(SCALES) | frozenset(TEENS) | frozenset(ORDINALS) | ZEROS
NOT_A_PERSON = frozenset(
    listed(
        "street road avenue lane drive boulevard court square park station hospital school university bank church "
        "hotel airport hall building center centre plaza county city store shop bakery pizza restaurant cafe company "
        "inc ltd llc corporation corp foods motors's model edition dress shoes chair table lamp sofa phone laptop"
    )
)
"""After these a name is that of a thing or a place."""
MORE_WORDS = frozenset(
    listed(
        "born somebody anybody nobody everybody someone anyone from of and with at on in for to speaking here calling "
        "about regarding the a an is was are were has had will "
        "would can could my your his her our their it he she they we who what when where why how please thanks sorry "
        "okay yes no not but or if because so well um uh er hmm mhm anyway again today tomorrow yesterday monday "
        "tuesday wednesday thursday friday saturday sunday january february march april june july august september "
        "october november december account number order email address phone customer support service sales billing "
        "technical department team agent representative assistant robot bot virtual wondering having getting trying "
        "looking going interested happy glad afraid pretty totally absolutely definitely probably actually basically "
        "currently still really just only also too then now there this that these those all any some every each other "
        "another same different wrong right fine good great bad late early new old married single retired disabled "
        "sick unable ready sure certain spelled spelt with capital double hyphen dash dot underscore required missing "
        "blank incorrect misspelled changed field tag brand file domain user company product business does doesn't "
        "isn't do don't did didn't can't won't quite very calls called says said told wants needs works worked asked "
        "live lives living stay staying moving delivery package parcel refund damaged waiting canceling cancelling "
        "charged locked confused worried using reading in's located based available home outside inside downstairs "
        "upstairs busy free driving working out off on's earlier recently once twice before after since until bought "
        "received ordered paid signed sent willing supposed allowed planning hoping aware under over"
    )
)
MONTHS_AND_PLACES = frozenset(
    listed(
        "may june april august paris london sydney amazon alexa georgia virginia austin dallas jordan florence "
        "charlotte "
        "madison savannah denver chelsea troy salvador santiago israel asia india jackson orlando milan shelby brooklyn"
    )
)
"""Capital for what they are beside names."""
LONGEST = 4
LOOK = 6


def find_names(line: TextLine) -> list[PrivateSpan]:
    """Names of people, first names alone as well."""
    words = line.words
    found: list[PrivateSpan] = []
    at = 0
    while at < len(words):
        end = _name_end(words, at)
        if end > at:
            found.append(span_of(words, at, end, "person"))
        at = max(end, at + 1)
    return found


@cache
def names() -> dict[str, frozenset[str]]:
    """``first``, ``also words`` (first names that are words as well) and ``surnames``."""
    rows = data("en", "first_names.txt").read_text("utf-8").splitlines()
    listed_under: dict[str, list[str]] = {}
    heading = ""
    for row in rows:
        if row.startswith("["):
            heading = row.strip("[]")
        elif not row.startswith("#"):
            listed_under.setdefault(heading, []).extend(row.split())
    return {heading: frozenset(words) for heading, words in listed_under.items()}


def _name_end(words: Sequence[Token], at: int) -> int:
    """Index after the name that begins here; the index itself where none does."""
    word = words[at].text
    if word in {BARRIER, TURN} or word.isdecimal():
        return at
    if word in TITLES:
        return _after_title(words, at)
    before = _before(words, at)
    if STRONG.search(before) and (letters := _spelled(words, at)):
        return at + letters
    first = _bare(word)
    if STRONG.search(before) and _free(words, at) and not _is_titled_thing(words, at):
        return _rest(words, at + 1, cued=True)
    if SURNAME_CUE.search(before) and first in names()["surnames"] - ALSO_WORDS - not_names() - MORE_WORDS:
        return _rest(words, at + 1, cued=True)
    known = first in names()["first"] or first in names()["also words"]
    if not known or _followed_by_thing(words, at + 1):
        return at
    if _is_sure(words, at, before):
        return _rest(words, at + 1, cued=False)
    following = words[at + 1] if at + 1 < len(words) else None
    surname = following and _bare(following.text) in names()["surnames"] and not _parted(words, at + 1)
    if surname and following and following.text not in not_names() | MORE_WORDS:
        return _rest(words, at + 1, cued=False)
    return at


def _after_title(words: Sequence[Token], at: int) -> int:
    """The name with the title before it: "mrs robinson", "doctor house"."""
    following = [word.text for word in words[at + 1 : at + 3]]
    if len(following) == 2 and following[0] == "and" and following[1] in TITLES:  # "mr and mrs clark"
        return end if (end := _after_title(words, at + 2)) > at + 2 else at
    if at + 1 >= len(words) or (words[at].text in WEAK_TITLES and not _name_like(words, at + 1)):
        return at
    named = words[at + 1].text.endswith("ing") and words[at + 1].text not in not_names() | MORE_WORDS
    if not (named or _free(words, at + 1)) or (_parted(words, at + 1) and "." not in words[at + 1].before):
        return at
    return _rest(words, at + 2, cued=True)


def _name_like(words: Sequence[Token], at: int) -> bool:
    word = _bare(words[at].text)
    listed_names = names()
    return word in listed_names["first"] or word in listed_names["surnames"] or words[at].raw[:1].isupper()


def _is_sure(words: Sequence[Token], at: int, before: str) -> bool:
    """Whether a first name is one here: unambiguous, after a cue, or capital inside a sentence."""
    first = _bare(words[at].text)
    clear = first in names()["first"] and first not in names()["also words"]
    if clear:
        return True
    capital = at > 0 and words[at].raw[:1].isupper() and words[at].raw[1:].islower() and not _new_sentence(words, at)
    if capital and first not in MONTHS_AND_PLACES:
        return not words[at - 1].raw[:1].isupper()
    if not WEAK.search(before):
        return False
    last_word = words[at - 1].text if at else ""
    following = words[at + 1].text if at + 1 < len(words) else ""
    if last_word in {"from", "with", "for", "to", "by", "and", "was", "so", "please", "it's", "that's", "yes"}:
        return False
    return following in {"", TURN, "here", "speaking", "from", "calling", "how", "with", "and", "i", "thanks", "thank"}


def _rest(words: Sequence[Token], at: int, *, cued: bool) -> int:
    """Index after the words of the name that go on from here."""
    first = at
    while at < len(words) and at - first < LONGEST - 1:
        if words[at].text in {BARRIER, TURN} or _parted(words, at):
            break
        word = _bare(words[at].text)
        capital = words[at].raw[:1].isupper() and words[at - 1].raw[:1].isupper()
        if word in {"hyphen", "dash"} and cued and at + 1 < len(words) and _free(words, at + 1):
            at += 2
        elif letters := _spelled(words, at, least=3 if not cued else 2):
            at += letters
        elif cued and words[at].text in {"that's", "spelled", "spelt"} and (letters := _spelled(words, at + 1)):
            at += 1 + letters
        elif len(word) == 1 and words[at].after.startswith(".") and capital:
            at += 1
        elif word in names()["surnames"] | names()["first"] and word not in MORE_WORDS:
            if word in not_names() | COMMON and not capital and not _ends_here(words, at + 1):
                break
            at += 1
        elif (cued or capital) and _free(words, at) and (capital or _unlisted(word)) and word not in NOT_A_PERSON:
            at += 1
        else:
            break
    return at


COMMON = frozenset(
    listed(
        "long day little young king white green black brown wood stone park fields banks rose bell cook hill lane west "
        "price rice may will mark ray summer read day park ward grant ford rich pat bill may hope long bond potter day "
        "kit van val chance chase"
    )
)
"""Surnames and names that are everyday words: names here only at the end of what is said, or capital."""
ALSO_WORDS = COMMON | frozenset(
    listed(
        "hall green baker carter turner parker wood gray price cook cooper fisher ford woods wells knight porter "
        "hunter mason dixon "
        "palmer black fox warren mills stone hart lawrence field fields bishop dean burns weaver gardner spencer "
        "lane berry hudson "
        "carpenter chapman barber banks cross bush walker page shaw moss marsh stark winters miller smith brown "
        "gold silver best "
        "camp case hicks pope church temple bridges rivers brooks waters washington jackson jordan lincoln "
        "houston austin chase "
    )
)
"""Surnames that are words or places as well: none by themselves after "it's"."""


def _ends_here(words: Sequence[Token], at: int) -> bool:
    if at >= len(words) or words[at].text in {BARRIER, TURN} or _parted(words, at):
        return True
    return words[at].text in MORE_WORDS or words[at].text in not_names()


def _unlisted(word: str) -> bool:
    return word not in not_names() and word not in MORE_WORDS and not word.endswith(("ing", "ed", "ly"))


def _free(words: Sequence[Token], at: int) -> bool:
    """Whether a word can be a name after a cue."""
    word = _bare(words[at].text)
    if word in {BARRIER, TURN} or word.isdecimal() or not word or len(word) < 2 or word in NUMERALS:
        return False
    if word in names()["first"] or word in names()["also words"]:
        return True
    return (
        word not in not_names() and word not in MORE_WORDS and not word.endswith(("ing", "ly")) and word not in TITLES
    )


def _is_titled_thing(words: Sequence[Token], at: int) -> bool:
    return at > 0 and words[at - 1].text in {"a", "the"} and not words[at].raw[:1].isupper()


def _followed_by_thing(words: Sequence[Token], at: int) -> bool:
    return at < len(words) and words[at].text in NOT_A_PERSON and not _parted(words, at)


def _spelled(words: Sequence[Token], at: int, *, least: int = 2) -> int:
    """Words of a name spelled letter by letter from here; 0 where fewer than ``least`` letters follow one another."""
    place = letters = 0
    while at + place < len(words):
        word = words[at + place].text
        if len(word) == 1 and word.isalpha():
            letters += 1
            place += 1
        elif word == "double" and at + place + 1 < len(words) and len(words[at + place + 1].text) == 1:
            letters += 2
            place += 2
        else:
            break
    return place if letters >= least else 0


def _bare(word: str) -> str:
    """Without the ending of the genitive."""
    return word.removesuffix("'s")


def _parted(words: Sequence[Token], at: int) -> bool:
    before = words[at].before
    if any(mark in before for mark in ",;:!?\n()"):
        return True
    return "." in before and len(words[at - 1].text) > 3


def _new_sentence(words: Sequence[Token], at: int) -> bool:
    return any(mark in words[at].before for mark in (".", "!", "?", "\n"))


def _before(words: Sequence[Token], at: int) -> str:
    said: list[str] = []
    for place in range(at - 1, max(-1, at - 1 - LOOK), -1):
        if words[place].text == BARRIER:
            break
        if words[place].text != TURN:
            said.insert(0, words[place].text)
    return " ".join(said)
