"""The job ``import``: takes many files into the archive. Workers transcribe them after the calls of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.leases.job import JobLease
from recordings.announce import announce_recording
from recordings.audio.intake import register
from speech.errors import SpeechError

FIELDS = ("behind", "taken", "known", "waiting")
MOST_FAULTS = 200
"""Faults kept with the job, for a person to read."""


@dataclass(slots=True, kw_only=True)
class _Counts:
    """How far the import is; written down as the job's cursor."""

    behind: int = 0
    """Files, done or not."""
    taken: int = 0
    known: int = 0
    waiting: int = 0
    """Taken, and no broker was there to tell the workers."""

    @property
    def cursor(self) -> str:
        return f"{self.behind} {self.taken} {self.known} {self.waiting}"


def import_files(lease: JobLease) -> Mapping[str, Any]:
    """Register each file of ``parameters["files"]`` (paths this worker can read) in ``parameters["language"]``.

    A file that is no sound, or is gone, is told in the result and the others go on. The same bytes are registered once:
    a file that was taken but not written down before a fault is counted as known.
    """
    here, wanted = lease.dependencies, lease.job.parameters
    files, language = list(wanted["files"]), str(wanted["language"])
    counts = _Counts(**dict(zip(FIELDS, map(int, lease.job.cursor.split()), strict=False)))
    faults: list[dict[str, str]] = []
    lease.advance(total=len(files))
    for file in map(Path, files[counts.behind :]):
        counts.behind += 1
        try:
            recording, is_new = register(here.engine, here.sounds, file, filename=file.name, language=language)
        except (SpeechError, FileNotFoundError, PermissionError, IsADirectoryError) as error:
            faults.append({"file": str(file), "fault": str(error)})
            lease.advance(cursor=counts.cursor, failed=1)
            continue
        counts.taken, counts.known = counts.taken + is_new, counts.known + (not is_new)
        if is_new and (counts.waiting or not announce_recording(here.store.broker, recording.id, imported=True)):
            counts.waiting += 1  # a broker that was not there once is not asked again: the sweep finds what waits
        lease.advance(cursor=counts.cursor, done=1)
    told = {"taken": counts.taken, "known": counts.known, "waiting": counts.waiting}
    return {**told, "faults": faults[:MOST_FAULTS]}
