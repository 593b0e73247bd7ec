"""The job ``import``: takes many files into the archive. Workers transcribe them after the calls of the day."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analytics.work import Work
from recordings.announce import announce_recording
from recordings.errors import SoundErased
from recordings.intake import register
from speech.errors import SpeechError

MOST_FAULTS = 200
"""Faults kept with the job, for a person to read."""


def import_files(work: Work) -> Mapping[str, Any]:
    """Register each file of ``parameters["files"]`` (paths this worker can read) in ``parameters["language"]``.

    A file that is no sound, or is gone, is told in the result and the others go on. The cursor is the number of files
    behind; the same bytes are registered once, so that a file taken twice after a fault counts as known.
    """
    here, wanted = work.parts, work.job.parameters
    files, language = list(wanted["files"]), str(wanted["language"])
    taken, known, waiting, faults = 0, 0, 0, []
    work.advance(total=len(files))
    for number in range(int(work.job.cursor or 0), len(files)):
        file = Path(files[number])
        try:
            recording, is_new = register(here.engine, here.sounds, file, filename=file.name, language=language)
        except (SpeechError, SoundErased, FileNotFoundError, PermissionError, IsADirectoryError) as error:
            faults.append({"file": str(file), "fault": str(error)})
            work.advance(cursor=str(number + 1), failed=1)
            continue
        taken, known = taken + is_new, known + (not is_new)
        if is_new and not announce_recording(here.store.broker, recording.id, imported=True):
            waiting += 1
        work.advance(cursor=str(number + 1), done=1)
    return {"taken": taken, "known": known, "waiting": waiting, "faults": faults[:MOST_FAULTS]}
