"""A worker's hold on one recording: renewed while it computes, and settled by how the work ends."""

from __future__ import annotations

import logging
import os
import socket
from threading import Event, Thread
from types import TracebackType
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from analytics.settings import AnalyticsSettings
from recordings.announce import ANNOUNCED_SECONDS
from recordings.audio import progress
from recordings.contacts.call import Recording
from recordings.errors import RecordingsError
from speech.errors import EngineBusy, ModelDamaged, ModelMissing, SpeechError

log = logging.getLogger(__name__)

PASSING_FAULTS: dict[type[Exception], float] = {
    EngineBusy: 15,
    ModelMissing: 300,
    ModelDamaged: 300,
    OSError: 60,
}
"""Faults that pass, or that a person mends, and after how many seconds to look again. They never park a recording."""
FIRST_WAIT, LONGEST_WAIT = 5.0, 600.0
"""Seconds after a fault that nobody foresaw; doubled with each attempt."""

held: set[Claim] = set()
"""Of this process: let go when it has to end in the middle."""


class Claim:
    """``with Claim(...) as claim:`` — leaving the block advances the recording, puts it off or parks it.

    An error that is of the recording (not sound, engine fails on it) parks it at once. One that is of the installation
    puts it off. Any other is put off for longer and longer, parks it in the end, and goes on to Celery's log.
    """

    def __init__(self, engine: Engine, recording: Recording, *, worker: str, settings: AnalyticsSettings) -> None:
        self.recording = recording
        self.reached = recording.state
        """What the work sets when it is done."""
        self._engine, self._worker, self._settings = engine, worker, settings
        self._over = Event()
        self._renewal = Thread(target=self._renew, name=f"renew-{recording.id}", daemon=True)

    def __enter__(self) -> Claim:
        held.add(self)
        self._renewal.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        self._over.set()
        self._renewal.join()
        held.discard(self)
        if error is None:
            self._advance()
            return True
        if isinstance(error, IntegrityError) and self._is_gone():
            log.info("recording %s was erased while it was worked on", self.recording.id)
            return True
        wait = next((wait for fault, wait in PASSING_FAULTS.items() if isinstance(error, fault)), None)
        if wait is not None:
            self._postpone(error, wait=wait, counted=False)
            return True
        if isinstance(error, SpeechError | RecordingsError):
            self._park(_code(error), str(error))
            return True
        if self.recording.attempts >= self._settings.max_attempts:
            self._park(_code(error), f"given up after {self.recording.attempts} attempts: {_reason(error)}")
        else:
            self._postpone(error, wait=min(LONGEST_WAIT, FIRST_WAIT * 2**self.recording.attempts), counted=True)
        return False

    def let_go(self) -> None:
        """Leave the recording to another worker at once, as if this one had not tried."""
        id_, worker = self.recording.id, self._worker
        progress.postpone(self._engine, id_, worker=worker, wait=0, code="", reason="", counted=False)

    def _is_gone(self) -> bool:
        return progress.find(self._engine, self.recording.id) is None

    def _advance(self) -> None:
        wait = ANNOUNCED_SECONDS
        progress.advance(self._engine, self.recording.id, self.reached, worker=self._worker, wait=wait)

    def _postpone(self, error: BaseException, *, wait: float, counted: bool) -> None:
        log.warning("recording %s waits %g s: %s", self.recording.id, wait, _reason(error))
        why = {"code": _code(error), "reason": _reason(error)}
        progress.postpone(self._engine, self.recording.id, worker=self._worker, wait=wait, counted=counted, **why)

    def _park(self, code: str, reason: str) -> None:
        log.error("recording %s is parked (%s): %s", self.recording.id, code, reason)
        progress.park(self._engine, self.recording.id, worker=self._worker, code=code, reason=reason)

    def _renew(self) -> None:
        lease = self._settings.lease_seconds
        while not self._over.wait(lease / 3):
            try:
                progress.renew(self._engine, self.recording.id, worker=self._worker, lease=lease)
            except OperationalError as error:
                log.warning("claim on recording %s cannot be renewed now: %s", self.recording.id, error.orig)


def claim(engine: Engine, recording_id: str, settings: AnalyticsSettings) -> Claim | None:
    """Hold a recording for this worker; None when there is nothing to do here, which the log explains.

    A recording that took worker after worker down with it is parked.
    """
    worker = worker_name()
    recording = progress.claim(engine, recording_id, worker=worker, lease=settings.lease_seconds)
    if recording is None:
        log.info("recording %s: gone, parked or in another worker's hands", recording_id)
        return None
    if recording.attempts > settings.max_attempts:
        reason = f"given up after {settings.max_attempts} attempts: {recording.failure or 'the worker died each time'}"
        code = recording.failure_code or "worker_lost"
        progress.park(engine, recording_id, worker=worker, code=code, reason=reason)
        log.error("recording %s is parked (%s): %s", recording_id, code, reason)
        return None
    return Claim(engine, recording, worker=worker, settings=settings)


def worker_name() -> str:
    """A new holder's name: machine, process and a part of its own."""
    return f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid4().hex[:8]}"


def _code(error: BaseException) -> str:
    return str(getattr(error, "code", None) or type(error).__name__)[:32]


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
