"""A worker's lease of one recording: renewed while it computes, and settled by how the work ends."""

from __future__ import annotations

import logging
import os
import socket
from functools import partial
from types import TracebackType
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from analytics.leases.faults import failure_code, failure_text, judge
from analytics.leases.renewal import Renewal
from analytics.settings import AnalyticsSettings
from recordings.announce import ANNOUNCED_SECONDS
from recordings.audio import progress
from recordings.contacts.call import Recording

log = logging.getLogger(__name__)

held: set[RecordingLease] = set()
"""Leases of this process: let go when it has to end in the middle."""


class RecordingLease:
    """``with RecordingLease(...) as lease:`` — leaving the block advances the recording, puts it off or parks it.

    ``faults.judge`` decides which: an error that is of the recording (not sound, engine fails on it) parks it at once,
    one that is of the installation puts it off. Any other is put off for longer and longer, parks it in the end, and
    goes on to Celery's log.
    """

    def __init__(self, engine: Engine, recording: Recording, *, worker: str, settings: AnalyticsSettings) -> None:
        self.recording = recording
        self.reached = recording.state
        """State that is set when the work is done."""
        self._engine, self._worker, self._settings = engine, worker, settings
        lease = settings.lease_seconds
        renew = partial(progress.renew, engine, recording.id, worker=worker, lease=lease)
        self._renewal = Renewal(renew, lease=lease, what=f"recording {recording.id}")

    def __enter__(self) -> RecordingLease:
        held.add(self)
        self._renewal.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        self._renewal.end()
        held.discard(self)
        if error is None:
            progress.advance(self._engine, self.recording.id, self.reached, worker=self._worker, wait=ANNOUNCED_SECONDS)
            return True
        if isinstance(error, IntegrityError) and progress.find(self._engine, self.recording.id) is None:
            log.info("recording %s was erased while it was worked on", self.recording.id)
            return True
        try:
            return self._settle(error)
        except (OperationalError, InterfaceError) as gone:
            log.warning("recording %s: the database is gone (%s); the sweep sends it", self.recording.id, gone.orig)
            return isinstance(error, OperationalError | InterfaceError)

    def let_go(self) -> None:
        """Leave the recording to another worker at once, as if this one had not tried."""
        id_, worker = self.recording.id, self._worker
        progress.postpone(self._engine, id_, worker=worker, wait=0, code="", reason="", counted=False)

    def _settle(self, error: BaseException) -> bool:
        """Put the recording off or park it; tells whether the error is dealt with."""
        id_, attempts = self.recording.id, self.recording.attempts
        verdict = judge(error, attempts=attempts, back_off=self._settings.back_off)
        code, reason = failure_code(error), failure_text(error)
        if verdict.again_in is not None:
            log.warning("recording %s waits %g s: %s", id_, verdict.again_in, reason)
            why = {"code": code, "reason": reason}
            wait, counted = verdict.again_in, verdict.counted
            progress.postpone(self._engine, id_, worker=self._worker, wait=wait, counted=counted, **why)
        else:
            reason = str(error) if verdict.foreseen else f"given up after {attempts} attempts: {reason}"
            park(self._engine, id_, worker=self._worker, code=code, reason=reason)
        return verdict.foreseen


def take(engine: Engine, recording_id: str, settings: AnalyticsSettings) -> RecordingLease | None:
    """Lease a recording to this worker; None when there is nothing to do here, which the log explains.

    A recording that took worker after worker down with it is parked.
    """
    worker = worker_name()
    recording = progress.take(engine, recording_id, worker=worker, lease=settings.lease_seconds)
    if recording is None:
        log.info("recording %s: gone, parked or in another worker's hands", recording_id)
        return None
    if settings.back_off.is_over(failures=recording.attempts - 1):
        reason = f"given up after {settings.max_attempts} attempts: {recording.failure or 'the worker died each time'}"
        park(engine, recording_id, worker=worker, code=recording.failure_code or "worker_lost", reason=reason)
        return None
    return RecordingLease(engine, recording, worker=worker, settings=settings)


def park(engine: Engine, recording_id: str, *, worker: str, code: str, reason: str) -> None:
    """Give a recording up, and say why."""
    log.error("recording %s is parked (%s): %s", recording_id, code, reason)
    progress.park(engine, recording_id, worker=worker, code=code, reason=reason)


def worker_name() -> str:
    """A new holder's name: machine, process and a part of its own."""
    return f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid4().hex[:8]}"
