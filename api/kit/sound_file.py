"""A sound as it is sent to a player, whatever it is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFile:
    """A file of the store, under the name that people save it by."""

    key: str
    filename: str
    etag: str
    kept: bool
    """A browser may keep it and ask whether it has changed; an original it must not keep."""
