"""What is private by its written form, in every language: addresses of mail and sites, machines, bank accounts."""

from __future__ import annotations

import re

from speech.redaction.check_sums import is_iban
from speech.redaction.line import TextLine
from speech.redaction.span import PrivateSpan
from speech.slots.contacts import TOP_DOMAINS

EMAIL = re.compile(r"(?<![\w.+-])\w[\w.+'-]{0,63}(?<!\.)@\w(?:[\w-]{0,62}\.){1,5}[^\W\d_][\w-]{1,22}(?<!-)")
SCHEME = re.compile(r"(?<!\w)(?:https?|ftp|wss?|tg)://[^\s<>\"'«»\ufffc]+", re.I)
WWW = re.compile(r"(?<![\w.@-])www\.[\w-]+(?:\.[\w-]+)+(?:[/?#:][^\s<>\"'«»\ufffc]*)?", re.I)
HOST = re.compile(
    r"(?<![\w.@/-])(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,5}([^\W\d_]{2,8})(?![\w@-]|\.\w)(?:[/?#:][^\s<>\"'«»\ufffc]*)?"
)
IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)(?:/\d{1,2}(?!\d))?")
IPV6 = re.compile(r"(?<![\w:.])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![\w:])", re.I)
MAC = re.compile(r"(?<![\w:-])(?:[\da-f]{2}[:-]){5}[\da-f]{2}(?![\w:-])", re.I)
IBAN = re.compile(r"(?<!\w)[a-z]{2}\d{2}(?: ?[a-z\d]{2,4}){3,8}(?!\w)", re.I | re.A)
NAMED_IBAN = re.compile(r"(?:iban|ибан)\W*$", re.I)
"""After this an account counts though its check digits are wrong: people mistype them."""
SORT_CODE = re.compile(r"(?<![\w-])\d{2}-\d{2}-\d{2}(?![\w-])")
NATIONAL_INSURANCE = re.compile(r"(?<!\w)[a-ceghj-tw-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d](?!\w)", re.I | re.A)
SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-\d{2}-\d{4}(?![\w-])")
HANDLE = re.compile(r"(?<![\w@./])@[a-z][\w.]{2,31}(?<!\.)", re.I | re.A)
"""Names in networks and messengers."""
PASSWORD = re.compile(
    r"(?:парол[ьяюе]м?|password|passwd|pwd)\s*+(?:(?:[:=—-]|is|это)\s*+)?([^\s\d\ufffc]{0,200}+\d[^\s\ufffc]*+)", re.I
)
"""Bounded before its first digit: "password" thousands of times in a row would be looked through from each of them."""
LETTERED_PASSPORT = re.compile(r"passport\b\D{0,30}?\b([a-z]{1,2} ?\d{6,8})\b", re.I | re.A)
TAIL = ".,;:!?)]}…"
"""Marks at the end of a link that are of the sentence."""
NOT_VERSION = re.compile(r"\b(?:верси[яиюей]+|version|ver|v|v\.|прошивк\w+|firmware|release|build)\s*$", re.I)
FILES = frozenset(
    {"py", "js", "md", "sh", "rs", "pl", "so", "cc", "ps", "doc", "pdf", "txt", "zip", "exe", "jpg", "png"}
)


def find_typed(line: TextLine) -> list[PrivateSpan]:
    """Everything that its marks betray; of two that overlap, the one found first."""
    text = line.text
    found: list[PrivateSpan] = []
    if "@" in text:
        found += [_span(match, "email") for match in EMAIL.finditer(text)]
    if "." in text or "://" in text:
        found += [_link(match) for pattern in (SCHEME, WWW) for match in pattern.finditer(text)]
        found += [_span(match, "ip") for match in IPV4.finditer(text) if _is_ipv4(text, match)]
        found += [_link(match) for match in HOST.finditer(text) if _is_host(match)]
    if ":" in text or "-" in text:
        found += [_span(match, "ip") for match in IPV6.finditer(text) if _is_ipv6(match.group())]
        found += [_span(match, "other") for match in MAC.finditer(text)]
    if "@" in text:
        found += [_span(match, "other") for match in HANDLE.finditer(text)]
    found += [
        PrivateSpan(
            start=match.start(1),
            end=match.end(1) - len(match.group(1)) + len(match.group(1).rstrip(TAIL)),
            kind="other",
        )
        for match in PASSWORD.finditer(text)
    ]
    found += [span for match in IBAN.finditer(text) if (span := _iban(match))]
    if line.language != "ru":
        found += [_span(match, "other") for match in SSN.finditer(text)]
        found += [_span(match, "other") for match in NATIONAL_INSURANCE.finditer(text)]
        found += [
            PrivateSpan(start=match.start(1), end=match.end(1), kind="passport")
            for match in LETTERED_PASSPORT.finditer(text)
        ]
        if "sort" in text.lower():
            found += [_span(match, "account") for match in SORT_CODE.finditer(text)]
    return without_overlaps(found)


def without_overlaps(spans: list[PrivateSpan]) -> list[PrivateSpan]:
    """The spans by place; of two that overlap, the one that was named first."""
    taken: list[PrivateSpan] = []
    ordered = sorted(enumerate(spans), key=lambda entry: (entry[1].start, entry[0]))
    for rank, span in ordered:
        if span.start >= span.end:
            continue
        if taken and span.start < taken[-1].end:
            if span.end <= taken[-1].end:
                continue
            span = PrivateSpan(start=taken[-1].end, end=span.end, kind=span.kind)
        taken.append(span)
        del rank
    return taken


def _span(match: re.Match[str], kind: str) -> PrivateSpan:
    return PrivateSpan(start=match.start(), end=match.end(), kind=kind)


def _link(match: re.Match[str]) -> PrivateSpan:
    return PrivateSpan(start=match.start(), end=match.start() + len(match.group().rstrip(TAIL)), kind="url")


def _is_ipv4(text: str, match: re.Match[str]) -> bool:
    octets = match.group().split("/")[0].split(".")
    if any(int(octet) > 255 or (len(octet) > 1 and octet[0] == "0") for octet in octets):
        return False
    return not NOT_VERSION.search(text[max(0, match.start() - 20) : match.start()])


def _is_ipv6(text: str) -> bool:
    groups = text.split(":")
    full = len(groups) == 8 and all(groups)
    short = text.count("::") == 1 and ":::" not in text and any(len(group) > 1 for group in groups)
    return full or (short and text.strip(":") != "") or text == "::1"


def _is_host(match: re.Match[str]) -> bool:
    ending = match.group(1).lower()
    return ending in TOP_DOMAINS and ending not in FILES


def _iban(match: re.Match[str]) -> PrivateSpan | None:
    """The account; words behind it that look like more of it are left out."""
    said = match.group()
    while said:
        if is_iban(said.replace(" ", "")):
            return PrivateSpan(start=match.start(), end=match.start() + len(said), kind="account")
        said = said.rpartition(" ")[0]
    if not NAMED_IBAN.search(match.string[: match.start()][-12:]):
        return None
    groups = match.group().split(" ")
    while groups[-1].isalpha():
        groups.pop()
    return PrivateSpan(start=match.start(), end=match.start() + len(" ".join(groups)), kind="account")
