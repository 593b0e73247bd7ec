"""Inputs out of bytes: the same bytes, the same input; fewer bytes, a smaller one. So hypothesis shrinks them, and any
fuzzer that makes bytes may drive the targets."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

Make = Callable[["Dice"], Any]

SIGNS = (
    " ", "\n", "\t", "\r\n", "\0", "\x1b", "\u00a0", "\u2028", "\ufeff", "\ufffc", "\x1e", "\u0301", "\u202e", "İ",
    "ß", "ﷺ",
    "👨‍👩‍👧", "\ud800", "٣", "²", "½", "Ⅷ", "'", '"', "`", "\\", "/", "..", "%", "%s", "%00", "{", "}", "{x}", "[",
    "]", "(",
    "(", ")", "<", ">", "<b>", "&amp;", "&", "#", "*", "*a", "&a ", "!", "!!float ", "!!python/none ", "|", ">-",
    "- ", ": ", ":",
    "? ", "<<: ", "~", "---\n", "...\n", "%YAML 1.1\n", ",", ";", ".", "-", "–", "+", "=", "@", "_", "$", "€", "№",
)  # fmt: skip
VALUES = (
    "null", "true", "no", "0", "-1", "1", "00", "1e999", "-0", ".inf", ".nan", "NaN", "0x_", "0o8", "1_000",
    "12:30:45", "9" * 400,
    "9" * 5000, "2026-02-30", "2026-11-22 25:00:00", "0000-00-00", "9999-12-31T23:59:60Z", "2026-11-30", "25:61",
    "1,5", "1.5.1",
    "+7 916 234-56-78", "+79162345678", "8 800 555 35 35", "911", "+" + "1" * 30, "4111 1111 1111 1111", "a@b.ru", "https://x.y/z?q",
    "127.0.0.1", "::1", "ru", "en", "xx", "[]", "{}", "[[]]", "", "a", "a" * 300, "а" * 5000, "yes", "да", "нет",
    "None", "id",
)  # fmt: skip
ODD: Sequence[Any] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 10**400, 0.5, -0.0, 1e308, 5e-324, float("inf"),
    float("nan"), "", " ", "a",
    "\0", "\ud800", "İ", "x" * 5000, "2026-02-30", "да", [], [[]], [None], {}, {"": None}, {"a": {"a": []}}, [1, "a",
    None], "9" * 5000,
)  # fmt: skip
MOST_TEXT = 30_000
MOST_PARTS = 20_000
"""Values of one JSON text, about: every door bounds its bytes, and what is multiplied again and again tells nothing."""


class Dice:
    """Choices, one byte or two each; zeros when there are no more."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    @property
    def left(self) -> int:
        return len(self._body) - self._at

    def below(self, limit: int) -> int:
        value = 0
        for _ in range(1 if limit <= 256 else 2 if limit <= 65536 else 3):
            value = value << 8 | (self._body[self._at] if self._at < len(self._body) else 0)
            self._at += 1
        return value % max(limit, 1)

    def of(self, options: Sequence[Any]) -> Any:
        return options[self.below(len(options))]

    def times(self) -> int:
        """Mostly once or twice, now and then very often."""
        return (1, 1, 1, 1, 2, 3, 7, 60, 700)[self.below(9)]


def written(*words: str, most: int = 240) -> Make:
    """Words in any order, with signs and values between them; ``growth`` is for long texts."""
    vocabulary = tuple(dict.fromkeys(word for text in words for word in text.split()))

    def make(dice: Dice) -> str:
        said = ""
        while dice.left > 0 and len(said) < most:
            kind = dice.below(8)
            piece = dice.of(vocabulary) if kind < 5 else dice.of(SIGNS) if kind < 7 else dice.of(VALUES)
            said += str(piece) * dice.times() + ("" if kind == 6 else " ")
        return said[:most]

    return make


def mutated(*examples: str) -> Make:
    """One of some texts with cuts, copies and insertions, mostly where words begin."""
    pieces = [_pieces(text) for text in examples]
    words = tuple(dict.fromkeys(piece.strip() for split in pieces for piece in split if piece.strip()))

    def make(dice: Dice) -> str:
        text = list(dice.of(pieces))
        while dice.left > 0:
            at = dice.below(len(text) + 1)
            end = at + (1, 1, 1, 2, 5, 40)[dice.below(6)]
            match dice.below(8):
                case 0:
                    del text[at:end]
                case 1:
                    text[at:at] = text[at:end] * dice.times()
                case 2:
                    text[at:end] = [dice.of(words)]
                case 3:
                    text[at:at] = [dice.of(SIGNS) * dice.times()]
                case 4:
                    text[at:end] = [dice.of(VALUES)]
                case 5:
                    text[at:end] = reversed(text[at:end])
                case 6:
                    start = dice.below(len(text) + 1)
                    text[at:end] = text[start : start + end - at]
                case _:
                    text[at:at] = [dice.of(words), dice.of((" ", ": ", "\n"))]
        return "".join(text)[:MOST_TEXT]

    return make


def _pieces(text: str) -> list[str]:
    pieces, kind = list[str](), None
    for char in text:
        now = char.isalnum() or char == "_"
        if pieces and now == kind and len(pieces[-1]) < 24:
            pieces[-1] += char
        else:
            pieces.append(char)
        kind = now
    return pieces


def grown(*examples: Any) -> Make:
    """One of some JSON values with parts of it replaced, left out, doubled or nested, as JSON."""
    keys = tuple(dict.fromkeys(key for example in examples for key in _keys(example))) or ("a",)

    def make(dice: Dice) -> str:
        value = json.loads(json.dumps(dice.of(examples)))
        while dice.left > 0:
            value = _changed(value, dice, keys)
        try:
            text = json.dumps(value, ensure_ascii=bool(dice.below(2)))
        except RecursionError:
            text = "[" * 5000
        if dice.below(30) == 29:
            text = text.replace(dice.of(("{", '"', ":", "1")), dice.of(SIGNS))
        if dice.below(100) == 99:
            text = dice.of(("[", '{"a":', "9")) * 100_000
        return text

    return make


def _keys(value: Any) -> Any:
    if isinstance(value, dict):
        for key, below in value.items():
            yield key
            yield from _keys(below)
    elif isinstance(value, list):
        for below in value:
            yield from _keys(below)


def _parts(value: Any) -> int:
    """Values in a value, itself among them."""
    count, ahead = 0, [value]
    while ahead:
        count, below = count + 1, ahead.pop()
        if isinstance(below, dict | list):
            ahead += below.values() if isinstance(below, dict) else below
    return count


def _changed(value: Any, dice: Dice, keys: Sequence[str]) -> Any:
    what = dice.below(10)
    if isinstance(value, dict) and value and what < 8:
        key = dice.of(sorted(value))
        if what == 0:
            del value[key]
        elif what == 1:
            value[dice.of(keys)] = deepcopy(value[key])
        elif what == 2:
            value[str(dice.of(ODD))[:400]] = deepcopy(value[key])
        else:
            value[key] = _changed(value[key], dice, keys)
        return value
    if isinstance(value, list) and value and what < 8:
        at = dice.below(len(value))
        if what == 0:
            del value[at]
        elif what == 1:
            value += deepcopy(value[at : at + 1] * min(dice.times(), MOST_PARTS // _parts(value[at])))
        else:
            value[at] = _changed(value[at], dice, keys)
        return value
    if what == 9:
        for _ in range(dice.times()):
            value = [value] if dice.below(2) else {dice.of(keys): value}
        return value
    return dice.of(VALUES) if what == 8 else deepcopy(dice.of(ODD))


def damaged(*examples: bytes) -> Make:
    """One of some files with bytes changed, mostly in its head, cut or doubled."""

    def make(dice: Dice) -> bytes:
        body = bytearray(dice.of(examples))
        while dice.left > 0 and body:
            at = dice.below(min(len(body), 200) if dice.below(4) else len(body))
            match dice.below(6):
                case 0:
                    body[at] = dice.below(256)
                case 1:
                    body[at : at + 4] = dice.of(
                        (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\1\0\0\0", b"RIFF", b"OggS")
                    )
                case 2:
                    del body[at : at + dice.below(64)]
                case 3:
                    body[at:at] = body[at : at + dice.below(256)] * min(dice.times(), 7)
                case 4:
                    del body[at + dice.below(4096) :]
                case _:
                    body[at : at + 2] = dice.of((b"\xff\xff", b"\0\0", b"\1\0", b"\0\x80", b"\x40\x1f"))
        return bytes(body)

    return make


def raw(dice: Dice) -> bytes:
    """Bytes as they come."""
    return bytes(dice.below(256) for _ in range(dice.left))
