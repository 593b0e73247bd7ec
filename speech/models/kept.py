"""Models that this machine has trained, kept by the hash of what they learned from.

========================================  =====================================================
``intents/<hash>.intents``                intents of a scenario
``intents/calls-<hash>.intents``          intents by which the archive is understood
``knowledge/<hash>.npy``                  sentence vectors of articles
``sentiment/<language>-<hash>.sentiment``  sentiment of a language
========================================  =====================================================

all below the folder of models. The hash is taken over the samples and the way of learning: what lies under a name does
not change, another program or other samples have another name, and several processes may learn the same at once.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from speech.errors import ModelFileError

log = logging.getLogger(__name__)

Model = TypeVar("Model")

INTENTS, KNOWLEDGE, SENTIMENT = "intents", "knowledge", "sentiment"
SUFFIXES = {INTENTS: ".intents", KNOWLEDGE: ".npy", SENTIMENT: ".sentiment"}
"""Folder → ending of the files in it."""
MOST_KEPT = 64
"""Models of a folder. Of more, those unasked for longest are deleted: they are learned again if needed."""

_locks: dict[Path, threading.Lock] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptModel:
    """One file."""

    path: Path
    kind: str
    """As the folder is called."""
    size: int
    """Bytes."""
    used_at: datetime
    """When a process last learned or read it (its access time)."""


def digest(*parts: object) -> str:
    """Sixteen hex digits over JSON values: the name of a model by what it learns from."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def kept_model(
    path: Path,
    *,
    load: Callable[[Path], Model],
    learn: Callable[[], Model],
    save: Callable[[Model, Path], None],
    needed: Collection[Path] = (),
) -> Model:
    """A model from disk where it was learned before, else learned now, which takes seconds, and kept.

    Threads wait for each other: what is learned is learned once. A damaged file is learned anew, a folder that cannot
    be written costs only time; the log tells of both.

    Args:
        path: Named by the hash of the samples and the way of learning.
        load: Reads what ``save`` wrote; ModelFileError where it is damaged or something else.
        learn: Makes the model.
        save: Writes it to one file, whole or not at all; OSError where it cannot.
        needed: Files that are not deleted, however long nobody has asked for them.
    """
    with _locks.setdefault(path, threading.Lock()):
        if path.is_file():
            try:
                model = load(path)
            except ModelFileError as error:
                log.warning("%s; it is learned anew", error)
            else:
                with suppress(OSError):  # a folder that can only be read
                    os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
                return model
        log.info("%s is learned", path.name)
        model = learn()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save(model, path)
            forget_oldest(path.parent, path.suffix, needed={path, *needed})
        except OSError as error:
            log.warning("%s cannot be kept, the next process learns it again: %s", path.name, error)
        return model


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write into, which stands under its name once the block has ended well, and not before.

    Raises:
        OSError: there is no room, no such folder or no right to write.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def forget_oldest(folder: Path, suffix: str, *, needed: Collection[Path] = (), most: int = MOST_KEPT) -> None:
    """Delete models of a folder beyond ``most``, those first that nobody has asked for longest.

    Raises:
        OSError: one cannot be deleted.
    """
    spare = sorted((path for path in folder.glob(f"*{suffix}") if path not in needed), key=_used_at)
    here = sum(path.is_file() for path in needed) + len(spare)
    for path in spare[: max(0, here - most)]:
        path.unlink(missing_ok=True)  # another process may be faster
        log.info("%s is forgotten: nobody has asked for it longest", path.name)


def list_kept(models_dir: Path) -> list[KeptModel]:
    """Every model that was trained here, by kind and name."""
    found = [
        KeptModel(path=path, kind=kind, size=path.stat().st_size, used_at=datetime.fromtimestamp(_used_at(path), UTC))
        for kind, suffix in SUFFIXES.items()
        for path in (models_dir / kind).glob(f"*{suffix}")
    ]
    return sorted(found, key=lambda model: (model.kind, model.path.name))


def _used_at(path: Path) -> float:
    try:
        return path.stat().st_atime
    except FileNotFoundError:  # another process has deleted it
        return 0.0
