"""Models as files: named arrays and a header, without pickle, so that a file can hold no code."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speech.errors import ModelFileError
from speech.models.kept import whole_file

KIND = "otklik intents"
FORMAT = 2
"""Raised when older programs could not make sense of a file, or the same samples are learned in another way."""


def write(path: Path, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a file that is there whole or not at all.

    Raises:
        OSError: there is no room, no such folder or no right to write.
    """
    head = json.dumps({"kind": KIND, "format": FORMAT, **header}, ensure_ascii=False)
    with whole_file(path) as file:
        np.savez_compressed(file, allow_pickle=False, header=np.frombuffer(head.encode(), np.uint8), **arrays)


def read(
    path: Path, *, kind: str = KIND, wanted: int = FORMAT, again: str = "train it again with `otklik intents train`"
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Header and arrays of a file.

    Args:
        path: What ``write`` wrote; a header may give its own ``kind`` and ``format``.
        kind: What it has to hold.
        wanted: The format this program reads.
        again: What to do about another one.

    Raises:
        ModelFileError: it is not there, damaged, something else or of a newer program.
    """
    name = kind.removeprefix("otklik ")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
            arrays = {name: parts[name] for name in parts.files}
        header = json.loads(arrays.pop("header").tobytes())
        found, format_ = header["kind"], header["format"]
    except FileNotFoundError:
        raise ModelFileError(f"{path}: there is no such file; {again}") from None
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        AttributeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise ModelFileError(f"{path}: no model of {name}, or a damaged one; {again}") from error
    if found != kind:
        raise ModelFileError(f"{path}: no model of {name}; {again}")
    if format_ != wanted:
        raise ModelFileError(
            f"{path}: its format is {format_}, this program reads {wanted}; {again}, or update this program"
        )
    return header, arrays
