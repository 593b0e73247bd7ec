"""A store of sound for fsspec that works, fails in its own way, or hangs, as a file beside the sound says."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem

REGISTER = 'import fsspec\nfsspec.register_implementation("faulty", "tests.ivr.faulty_store.FaultyStore")\n'
"""For a ``sitecustomize`` of the robot's: so its process knows ``faulty://``."""
HANG_SECONDS = 120.0


class EndpointConnectionError(Exception):
    """No OSError, as those of botocore are none."""


class FaultyStore(AbstractFileSystem):  # type: ignore[misc]
    """A folder behind the faults."""

    protocol = "faulty"
    cachable = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._folder = LocalFileSystem()

    def _fault(self, path: str) -> None:
        told = next((parent / "fault" for parent in Path(path).parents if (parent / "fault").exists()), None)
        match told.read_text() if told else "":
            case "raises":
                raise EndpointConnectionError("Could not connect to the endpoint URL")
            case "hangs":
                time.sleep(HANG_SECONDS)

    def put_file(self, lpath: str, rpath: str, **_options: Any) -> None:
        self._fault(rpath)
        Path(rpath).parent.mkdir(parents=True, exist_ok=True)
        self._folder.put_file(lpath, rpath)

    def info(self, path: str, **_options: Any) -> Any:
        self._fault(path)
        return self._folder.info(path)

    def rm_file(self, path: str) -> None:
        self._fault(path)
        self._folder.rm_file(path)

    def find(self, path: str, **_options: Any) -> Any:
        self._fault(path)
        return self._folder.find(path)

    def _open(self, path: str, mode: str = "rb", **_options: Any) -> Any:
        self._fault(path)
        return self._folder.open(path, mode)
