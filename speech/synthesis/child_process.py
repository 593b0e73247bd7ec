"""A child program that answers requests line by line; one request at a time, started again when it died."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from speech.errors import EngineError


class ChildProcess:
    """Thread-safe: whoever asks while another is served waits. The program ends when its input ends, also with us."""

    def __init__(
        self, command: Sequence[str], *, opening: str = "", environment: Mapping[str, str] | None = None
    ) -> None:
        """Nothing is started before the first request.

        Args:
            command: Program and arguments.
            opening: Sent once after each start.
            environment: Variables beside our own.
        """
        self._command = list(command)
        self._opening = opening
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def ask(self, request: str, *, until: str, timeout: float = 30.0) -> list[str]:
        """Send a request and read lines up to the one that is ``until``, which is left out.

        Raises:
            EngineError: the program cannot be started, ended, or gave no answer for ``timeout`` seconds. The next
                request starts it again.
        """
        with self._lock:
            try:
                return self._exchange(self._running(), request, until, time.monotonic() + timeout)
            except (OSError, EngineError) as error:
                self._end()
                raise EngineError(f"{self._command[0]}: {error}") from error

    def close(self) -> None:
        """End the program."""
        with self._lock:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            try:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    bufsize=0,
                    env=self._environment,
                    start_new_session=True,  # Ctrl-C is for us: we end it in order
                )
            except OSError as error:
                raise EngineError(f"cannot be started: {error}") from error
            self._send(self._process, self._opening)
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], request: str, until: str, deadline: float) -> list[str]:
        assert process.stdout  # noqa: S101  opened as a pipe
        self._send(process, request)
        heard = b""
        while True:
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise EngineError(f"no answer in time; last it said: {_last(heard)}")
            block = os.read(process.stdout.fileno(), 65536)
            if not block:
                raise EngineError(f"it ended; last it said: {_last(heard)}")
            heard += block
            lines = heard.decode("utf-8", "replace").splitlines()
            if until in lines:
                return lines[: lines.index(until)]

    @staticmethod
    def _send(process: subprocess.Popen[bytes], text: str) -> None:
        assert process.stdin  # noqa: S101  opened as a pipe
        if text:
            process.stdin.write(text.encode() + b"\n")

    def _end(self) -> None:
        if self._process is None:
            return
        with self._process as process:  # closes the pipes, which ends a healthy one, and waits
            process.kill()
        self._process = None


@contextmanager
def sound_file() -> Iterator[Path]:
    """Where a child program may leave a sound; gone afterwards.

    Raises:
        EngineError: the disk gives no room for it, or it cannot be read.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="otklik-voice-") as folder:
            yield Path(folder, "said.wav")
    except OSError as error:
        raise EngineError(f"no place for a voice's sound: {error}") from error


def _last(heard: bytes) -> str:
    lines = heard.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "nothing"
