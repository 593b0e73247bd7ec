"""The reader's days: the time zone their browser names."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fastapi import Request

from api.kit.wording import zone

ZONE_COOKIE = "otklik_zone"


def zone_of(request: Request) -> ZoneInfo:
    """The reader's time zone."""
    return zone(request.cookies.get(ZONE_COOKIE, ""))
