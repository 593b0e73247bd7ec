"""Text cut into sentences."""

from __future__ import annotations

import re

SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


def sentences(text: str) -> tuple[str, ...]:
    """Text cut where a voice breathes: each piece is rendered and cached by itself, and the first one sounds sooner."""
    return tuple(piece for piece in SENTENCE_END.split(text.strip()) if piece)
