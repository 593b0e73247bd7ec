"""Lengths and moments of a call the way people read them: on pages and in the terminal."""

from __future__ import annotations


def clock(seconds: float | None) -> str:
    """``3:07`` or ``1:02:07``; a dash where there is nothing to tell."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
