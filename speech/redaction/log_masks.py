"""Log lines without telephone numbers and addresses, whoever wrote them: the last net under every part's log.

What is logged by Otklik names calls and recordings by their ids. But errors of libraries quote what they were given.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from typing_extensions import override

from speech.redaction.masks import masked, masked_email

WHOLE = "whole_numbers"
"""Attribute of a record whose numbers stay: a promised call-back that nothing else could be written into."""
PLUS = re.compile(r"\+\d(?:[ ().-]{0,2}\d){6,14}(?!\d)")
BARE = re.compile(r"(?<![\w.])\d{10,15}(?!\w|\.\d)")
"""Ten digits and more, as numbers come from the network; ids of calls have a point in them."""
EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
DETAIL = re.compile(r"^(DETAIL|CONTEXT|LINE \d+): .*$", re.MULTILINE)
"""Lines in which PostgreSQL quotes the row it does not like."""


def masked_line(text: str) -> str:
    """A log line, or several, as a file may hold them."""
    text = DETAIL.sub(r"\1: …", text)
    if "@" in text:
        text = EMAIL.sub(lambda found: masked_email(found.group()), text)
    for pattern in (PLUS, BARE):
        text = pattern.sub(lambda found: masked(found.group()), text)
    return text


class MaskingFormatter(logging.Formatter):
    """Formats as another one does, traceback and all, and masks what comes out."""

    def __init__(self, inner: logging.Formatter | None) -> None:
        super().__init__()
        self._inner = inner or logging.Formatter()

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        return line if getattr(record, WHOLE, False) else masked_line(line)


def mask_logs(handlers: Iterable[logging.Handler] | None = None) -> None:
    """Let these handlers, by default those of the root logger, write masked lines. Called again, it does nothing."""
    for handler in logging.getLogger().handlers if handlers is None else handlers:
        if not isinstance(handler.formatter, MaskingFormatter):
            handler.setFormatter(MaskingFormatter(handler.formatter))
