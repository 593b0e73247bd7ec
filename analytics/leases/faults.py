"""What becomes of work after a fault: tried again or given up, as the error says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import InterfaceError, OperationalError

from analytics.errors import AnalyticsError
from recordings.errors import RecordingsError
from recordings.leases import BackOff
from speech.errors import SpeechError

LONGEST_CODE = 32
"""Characters of a code, as the column has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How the work goes on."""

    again_in: float | None
    """Seconds until the next try; None gives up, and a person decides."""
    counted: bool
    """Whether it is the fault of what was worked on: too many of those give up."""
    foreseen: bool
    """Whether it ends here; a fault that nobody foresaw also goes on to Celery's log."""


FOREIGN_FAULTS: tuple[tuple[tuple[type[Exception], ...], str, float], ...] = (
    ((OperationalError, InterfaceError), "database", 5.0),
    ((OSError,), "storage", 60.0),
)
"""Errors of libraries that pass, or that a person mends: their code, and the seconds after which to look again."""


def judge(error: BaseException, *, attempts: int, back_off: BackOff) -> Verdict:
    """Decide by an error's ``retryable`` and ``retry_after``; without them after growing waits, ``attempts`` so far."""
    if isinstance(error, AnalyticsError | RecordingsError | SpeechError):
        return Verdict(again_in=error.retry_after if error.retryable else None, counted=False, foreseen=True)
    for kinds, _, wait in FOREIGN_FAULTS:
        if isinstance(error, kinds):
            return Verdict(again_in=wait, counted=False, foreseen=True)
    over = back_off.is_over(failures=attempts)
    return Verdict(again_in=None if over else back_off.wait(attempts), counted=True, foreseen=False)


def failure_code(error: BaseException) -> str:
    """Code to be kept with the row: the error's own; of an error that nobody foresaw its class."""
    if isinstance(error, AnalyticsError | RecordingsError | SpeechError):
        return error.code[:LONGEST_CODE]
    found = (code for kinds, code, _ in FOREIGN_FAULTS if isinstance(error, kinds))
    return next(found, type(error).__name__[:LONGEST_CODE])


def failure_text(error: BaseException) -> str:
    """Words to be kept with the row, for a person to read."""
    if isinstance(error, OperationalError | InterfaceError):
        return f"the database: {error.orig}"
    return f"{type(error).__name__}: {error}"
