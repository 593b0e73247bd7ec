"""Models of sentiment, kept as ``speech.models.kept`` has it, and which of them is the running one.

``python -m speech.sentiment.kept_models`` learns the project's own phrases ahead; else the first text does. A model
that people's corrections taught is made the running one by ``promote`` (``otklik sentiment train``).
"""

from __future__ import annotations

import json
import logging
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speech.embeddings.tfidf import Terms
from speech.errors import ModelFileError
from speech.models.kept import SENTIMENT, kept_model, whole_file
from speech.models.model_file import read, write
from speech.sentiment.model import FORMAT, SentimentModel, encoder_of, train, version_of
from speech.sentiment.samples import LABELS, Sample, samples, training
from speech.settings import speech_settings
from speech.text.language import languages

log = logging.getLogger(__name__)

KIND = "otklik sentiment"
AGAIN = "learn it again with `otklik sentiment train`"


def running(language: str, folder: Path | None = None) -> SentimentModel:
    """The model in use: the promoted one where it is there, else that of the project's own phrases.

    Raises:
        ImportError: the package of the encoder is not installed.
    """
    where = folder or default_folder()
    promoted = _promoted(language, where)
    if promoted:
        try:
            return _loaded(_file(where, language, promoted), promoted)
        except ModelFileError as error:
            log.warning("%s; the one of the project's own phrases is used", error)
    return _learned(training(language, ()), language, where)


def running_version(language: str, folder: Path | None = None) -> str:
    """Without loading it."""
    where = folder or default_folder()
    promoted = _promoted(language, where)
    if promoted and _file(where, language, promoted).is_file():
        return promoted
    return _own_version(language)


def learned(language: str, corrections: tuple[Sample, ...] = (), folder: Path | None = None) -> SentimentModel:
    """The model of the project's phrases and some corrections: from disk where it was learned before, else learned now.

    Raises:
        ImportError: the package of the encoder is not installed.
    """
    return _learned(training(language, corrections), language, folder or default_folder())


def promote(model: SentimentModel, folder: Path | None = None) -> None:
    """Make a model the running one of its language, from the next text on in every process of this machine.

    Raises:
        OSError: it cannot be written.
    """
    where = folder or default_folder()
    where.mkdir(parents=True, exist_ok=True)
    save(model, _file(where, model.language, model.version))
    with whole_file(where / f"{model.language}.running.json") as marker:
        marker.write(json.dumps({"version": model.version}).encode())


def default_folder() -> Path:
    return speech_settings().models_dir / SENTIMENT


def save(model: SentimentModel, path: Path) -> None:
    """Write a model to one file, whole or not at all.

    Raises:
        OSError: it cannot be written there.
    """
    header = {
        "kind": KIND,
        "format": FORMAT,
        "version": model.version,
        "language": model.language,
        "terms": list(model.terms.index),
        "sharpness": model.sharpness,
    }
    arrays: dict[str, NDArray[Any]] = {
        "centre": model.centre,
        "memory": model.memory.astype(np.float16),
        "coefficients": model.coefficients,
        "rarity": model.terms.rarity,
        "term_scores": model.term_scores.astype(np.float16),
        "cue_scores": model.cue_scores,
        "shares": model.shares,
    }
    write(path, header, arrays)


def load(path: Path) -> SentimentModel:
    """Read what ``save`` wrote.

    Raises:
        ModelFileError: the file is not there, damaged, something else or of another program; says what to do.
    """
    header, arrays = read(path, kind=KIND, wanted=FORMAT, again=AGAIN)
    try:
        model = SentimentModel(
            version=header["version"],
            language=header["language"],
            encoder=encoder_of(header["language"]),
            centre=arrays["centre"],
            memory=arrays["memory"].astype(np.float32),
            coefficients=arrays["coefficients"],
            terms=Terms(index={term: at for at, term in enumerate(header["terms"])}, rarity=arrays["rarity"]),
            term_scores=arrays["term_scores"].astype(np.float32),
            cue_scores=arrays["cue_scores"],
            shares=arrays["shares"],
            sharpness=header["sharpness"],
        )
    except KeyError as error:
        raise ModelFileError(f"{path}: {error} is missing; {AGAIN}") from error
    rows, terms = (len(model.memory), len(LABELS)), (len(model.terms.rarity), len(LABELS))
    if model.coefficients.shape != rows or model.term_scores.shape != terms:
        raise ModelFileError(f"{path}: its parts do not fit together; {AGAIN}")
    return model


@lru_cache(maxsize=4)
def _learned(samples: tuple[Sample, ...], language: str, folder: Path) -> SentimentModel:
    """A model by what it learns from; once in memory it stays there."""
    version = version_of(samples, language)
    return kept_model(
        _file(folder, language, version),
        load=lambda path: _loaded(path, version),
        learn=lambda: train(samples, language),
        save=save,
        needed=[_file(folder, other, promoted) for other in languages() if (promoted := _promoted(other, folder))],
    )


@lru_cache(maxsize=8)
def _loaded(path: Path, version: str) -> SentimentModel:
    """A model once read: what lies under a name that is its hash does not change."""
    model = load(path)
    if model.version != version:
        raise ModelFileError(f"{path}: holds version {model.version}; {AGAIN}")
    return model


def _file(folder: Path, language: str, version: str) -> Path:
    return folder / f"{language}-{version}.sentiment"


@lru_cache(maxsize=8)
def _own_version(language: str) -> str:
    return version_of(training(language), language)


def _promoted(language: str, folder: Path) -> str:
    """Version of the model that was made the running one; empty where none was, or where its mark makes no sense."""
    try:
        return str(json.loads((folder / f"{language}.running.json").read_text("utf-8"))["version"])
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s: no mark of a running model (%s)", folder / f"{language}.running.json", error)
        return ""


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for language in languages():
        if samples(language):
            running(language)
    return 0


if __name__ == "__main__":
    sys.exit(main())
