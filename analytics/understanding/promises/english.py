"""English promises: "we'll call", "I'm going to send", "you will receive", "expect a call"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.understanding.promises.clause import Said
from speech.recognition.words import Speaker
from speech.text.language import data
from speech.yaml_source import read_table

_OBJECT = r"(?:\w+ ){0,5}?"
_LEXICON = read_table(data("en", "promises.yaml"), dict[str, Any])


def _pattern(alternatives: Sequence[str]) -> str:
    return "(?:" + "|".join(text.replace("{object}", _OBJECT) for text in alternatives) + ")"


_ADVERBS = f"(?:{_pattern(_LEXICON['adverbs'])} ){{0,6}}"
_RULES = [(kind, re.compile(_ADVERBS + _pattern(texts))) for kind, texts in _LEXICON["kinds"].items()]
_THING_COMES = re.compile("|".join(f"(?P<{kind}>{_pattern(texts)})" for kind, texts in _LEXICON["comes"].items()))
_COMES = re.compile(r"(?:come|be (?:here|there|with you)|arrive|reach you|be at your)\b")
_AWAITED = "|".join(f"(?P<{kind}>{_pattern(texts)})" for kind, texts in _LEXICON["awaited"].items())
_EXPECT = re.compile(rf"\b(?:expect|wait for|await) (?:{_AWAITED})\b")
_SHORT = {"won't": "will not", "can't": "can not", "cannot": "can not", "gonna": "going to", "shan't": "shall not"}
_ENDINGS = (("'ll", "will"), ("n't", "not"), ("'re", "are"), ("'m", "am"), ("'ve", "have"))
PRONOUNS = frozenset(("i", "we", "they", "he", "she", "it", "you", "someone", "somebody", "anyone", "anybody"))
OPENERS = PRONOUNS | {"the", "my", "your", "our", "this", "that", "a"}
OWN = frozenset(("i", "we"))
ASKED = frozenset(("when", "where", "why", "how", "who", "what", "which", "if", "whether", "unless", "until", "once"))
REPORTED = frozenset(("said", "told", "promised", "supposed", "claimed", "says"))
DOUBTED = re.compile(
    r"\b(?:not (?:sure|certain|promise|think|know|guarantee|say)|doubt|maybe|perhaps|might|nobody|no one|unlikely"
    r"|no guarantee|hope)\b"
)
HEARS = frozenset(("get", "receive", "hear", "have", "be", "see"))
AT_ONCE = re.compile(r"\b(?:now|moment|second|hold on|just a|one minute|bear with me|hang on|while you wait)\b")
PROGRESSIVE = {
    "sending": "send",
    "shipping": "ship",
    "refunding": "refund",
    "dispatching": "dispatch",
    "emailing": "email",
}
SUBJECT = 5
"""Words before the verb in which its subject is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verb:
    """Where a verb of the future begins."""

    modal: int
    """Index of "will", "going", or the first word of "I promise to"."""
    at: int
    """Index of the verb."""
    joined: bool = False
    """By "and" to an earlier verb, whose subject it shares."""


def said(words: Sequence[str], speaker: Speaker) -> list[Said]:
    """Promises of a sentence; see the package."""
    plain, owners = _expanded(words)
    found: list[tuple[int, str, bool]] = []
    begin = 0
    for verb in _verbs(plain):
        rest = " ".join(plain[verb.at : verb.at + 14])
        since = 0 if verb.joined else begin
        kind = _kind(rest, plain[since : verb.modal])
        if kind and _holds(plain, verb, since, speaker):
            found.append((begin, kind, kind in ("check", "other") and bool(AT_ONCE.search(" ".join(plain)))))
            begin = verb.at
    awaited = _EXPECT.search(" ".join(plain))
    if awaited and not found and speaker is not Speaker.CALLER and not {"do", "not"} <= set(plain):
        found.append((0, str(awaited.lastgroup), False))
    starts = [owners[first] for first, _, _ in found] + [len(words)]
    return [
        Said(kind=kind, first=starts[n], last=max(starts[n + 1], starts[n] + 1), at_once=at_once)
        for n, (_, kind, at_once) in enumerate(found)
    ]


def _expanded(words: Sequence[str]) -> tuple[list[str], list[int]]:
    """Words without short forms, and the index each has in ``words``."""
    plain: list[str] = []
    owners: list[int] = []
    for at, word in enumerate(words):
        long = _SHORT.get(word, "")
        if not long:
            ending = next(((end, full) for end, full in _ENDINGS if word.endswith(end)), None)
            long = f"{word.removesuffix(ending[0])} {ending[1]}" if ending else word
        for part in long.split():
            plain.append(part)
            owners.append(at)
    return plain, owners


def _verbs(words: Sequence[str]) -> Iterator[_Verb]:
    modal = -1
    for at, word in enumerate(words):
        before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
        if word in ("will", "shall"):
            modal = at
            yield _Verb(modal=at, at=at + 1)
        elif word == "going" and after == "to" and before in ("am", "are", "is"):
            modal = at - 1
            yield _Verb(modal=at - 1, at=at + 2)
        elif word in ("promise", "guarantee", "promised") and after == "to" and before in OWN | {"can"}:
            yield _Verb(modal=at, at=at + 2)
        elif word in PROGRESSIVE and before in ("am", "are"):
            yield _Verb(modal=at - 1, at=at)
        elif word == "and" and modal >= 0 and after not in OPENERS:
            yield _Verb(modal=modal, at=at + 1 + (after == "then"), joined=True)


def _kind(rest: str, before: Sequence[str]) -> str:
    first, _, others = rest.partition(" ")
    rest = f"{PROGRESSIVE.get(first, first)} {others}"
    if _COMES.match(rest) and (thing := _THING_COMES.search(" ".join(before[-SUBJECT:]))):
        return str(thing.lastgroup)
    if "refund" in before[-SUBJECT:] and re.match(r"(?:be|take|come|appear|arrive)\b", rest):
        return "refund"
    return next((kind for kind, pattern in _RULES if pattern.match(rest)), "")


def _holds(words: Sequence[str], verb: _Verb, begin: int, speaker: Speaker) -> bool:
    """Whether it is no question, refusal, doubt or condition, and whoever speaks may say it."""
    before = words[begin : verb.modal]
    after = words[verb.at] if verb.at < len(words) else ""
    if after in OPENERS or {"not", "never", "no"} & set(words[verb.modal : verb.at + 2]):
        return False  # "will you call", "will not call"
    if not REPORTED.isdisjoint(before) or DOUBTED.search(" ".join(before)):
        return False
    asked = [place for place, word in enumerate(before) if word in ASKED]
    if asked and sum(word in PRONOUNS for word in before[asked[-1] :]) < 2:
        return False
    subject = next((word for word in reversed(before[-SUBJECT:]) if word in PRONOUNS), "")
    close = bool(before) and before[-1] == subject
    if speaker is Speaker.CALLER:
        return subject in OWN and (close or before[-2:-1] == [subject] or before[-1:] == ["will"])
    return not (close and subject == "you") or after in HEARS
