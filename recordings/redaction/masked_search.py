"""What finds somebody for who sees masks: the search sees the mask and nothing behind it.

A telephone number is found by what its mask shows, ``+7 916`` or ``67``, and by a whole number that has the same mask;
so an answer tells no digit more than the list that is shown already. Who may see originals searches these, with the
audit line that ``api.operations.originals`` writes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, case, false, func, literal, or_, type_coerce

from speech.redaction.masks import DOTS, SHORTEST_PHONE, masked, masked_email

PARTED = (" ", "-", "(", ")", "+")
"""What stands between the digits of a number."""
WRITTEN = r"^[+]?[0-9 ()-]*$"
"""Numbers whose mask SQL can work out; who calls over SIP may send any name instead, which nobody finds by its mask."""
SHORT = r"^[ -/:-~]*([0-9][ -/:-~]*){0,6}$"
"""Names and extensions: too few digits to be hidden."""


def holds(column: Any, text: str) -> ColumnElement[bool]:
    """Whether a column that everyone sees holds the text, in whatever case."""
    return func.lower(column).contains(text.lower(), autoescape=True)


def number_fits(column: Any, text: str) -> ColumnElement[bool]:
    """Whether the mask of the number in a column shows the text, or is the mask of the number that the text is."""
    mask = _mask_of(column)
    plain = text.replace(" ", "").lower()
    if not plain:
        return false()
    ways = [func.replace(mask, " ", "").contains(plain, autoescape=True)]
    digits = "".join(filter(str.isdigit, text))
    if len(digits) >= SHORTEST_PHONE and not any(map(str.isalpha, text)):  # whole, with the country's code or without
        ways.append(mask.in_({masked(text.strip()), masked(f"+{digits}"), masked(f"7{digits}")}))
    return or_(*ways)


def email_fits(column: Any, text: str) -> ColumnElement[bool]:
    """The same of an e-mail address, of which the first letter and all behind the @ are seen."""
    asked = masked_email(text.lower().strip()) if "@" in text else text.lower().strip()
    first, dots, rest = asked.partition(DOTS)
    if not asked:
        return false()
    if dots:  # written as the mask is, or a whole address, of which no more than its mask is asked
        return column.like(f"{_plain(first[:1])}%{_plain(rest)}%", escape="\\") if len(first) <= 1 else false()
    ways = [column.like(f"%@%{_plain(asked)}%", escape="\\")]
    return or_(*ways, column.like(f"{_plain(asked)}%", escape="\\")) if len(asked) == 1 else ways[0]


def _mask_of(column: Any) -> ColumnElement[str]:
    """``masks.masked`` in SQL; NULL for what is written in another way."""
    digits: ColumnElement[Any] = type_coerce(column, String)
    for mark in PARTED:
        digits = func.replace(digits, mark, "")
    length = func.length(digits)
    russian = (length == 11) & func.substr(digits, 1, 1).in_(("7", "8"))
    plus = case((func.substr(column, 1, 1) == "+", "+"), else_="")
    other = plus.concat(func.substr(digits, 1, 3)).concat(f" {DOTS} ").concat(func.substr(digits, length - 1, 2))
    whole = literal("+7 ").concat(func.substr(digits, 2, 3)).concat(" •••-••-").concat(func.substr(digits, 10, 2))
    return type_coerce(
        case(
            (column.regexp_match(SHORT), column),
            (column.regexp_match(WRITTEN), case((russian, whole), else_=other)),
            else_=None,
        ),
        String,
    )


def _plain(text: str) -> str:
    """Without a meaning for LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
