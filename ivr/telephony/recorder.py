"""Records a call: Asterisk writes each side by itself, we join them when it is over."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import struct
import wave
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.call_log.spool import Spool
from ivr.errors import AriError, AriNotFound
from ivr.pools import ANNOUNCE_SECONDS, HOME_SECONDS, in_thread
from ivr.telephony.ari import Ari
from ivr.telephony.channels import Channels
from recordings.announce import announce_recording
from recordings.audio.intake import register
from recordings.audio_store import AudioStore
from recordings.bounded_threads import BoundedThreads
from recordings.contacts.failure import Failure, FailureCode
from recordings.errors import ConsentRefused, SoundErased
from speech.audio.audio import LONGEST, SHORTEST, TELEPHONE_RATE
from speech.errors import AudioFormatError
from speech.temporary_folders import temporary_folder

log = logging.getLogger(__name__)

SIDES = ("in", "out")
"""What the caller says, what the caller hears: left and right."""
UP_SECONDS = 5.0
STOP_SECONDS = 5.0
NAME = re.compile(r"^call-(?P<call>.+)-(?:in|out)$")
BEGAN = re.compile(r"(?:^|-)(?P<seconds>\d{9,10})\.\d+$")
"""Unix time in the id of a channel, as ``otklik-1795327401.7``."""
MISSING_SHARE = 0.9
"""A recording shorter than this share of its time was cut: the disk was full, or Asterisk died."""
LATE_SECONDS = 2.0
"""A recording that begins later after the answer lacks something."""
LONGEST_CALL = 36 * 3600.0
"""Seconds of a call that are kept; a WAV holds no more than 37 h."""
BLOCK = 1 << 20
"""Bytes of one side in memory at once."""
HEADER_BYTES = 4096
"""A spooled WAV's header is much shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSink:
    """Where recordings go."""

    database: Engine
    store: AudioStore
    broker_url: str
    spool: Spool
    """Where entries of the call log wait that the database would not take."""
    threads: BoundedThreads
    """They bring recordings home."""
    unknown_for: timedelta = timedelta(days=7)
    """How long after its beginning sound stays with Asterisk of a call that nobody knows."""


class Recorder:
    """Two snoops on the caller's channel: whatever bridge the caller is moved to, nothing is lost."""

    def __init__(self, ari: Ari, channels: Channels, call_id: str) -> None:
        self._ari = ari
        self._channels = channels
        self._call_id = call_id
        self.failures: tuple[Failure, ...] = ()
        """Why there is no recording, or not all of it."""
        self.began: float | None = None
        """The loop's time from which both sides were recorded."""

    async def start(self) -> None:
        """Begin. The call goes on without a recording, or with that of one side, when Asterisk cannot write one."""
        clock = asyncio.get_running_loop().time
        asked = clock()
        failures = await asyncio.gather(*(self._start(side) for side in SIDES))
        self.began = clock()
        self.failures = tuple(filter(None, failures))
        if not self.failures and (late := self.began - asked) > LATE_SECONDS:
            text = f"the recording began {late:.0f} s late: the machine could not keep up"
            self.failures = _failed(FailureCode.RECORDING_CUT, text)

    async def _start(self, side: str) -> Failure | None:
        """Record one side; why not, when that failed."""
        try:
            await self._record(side)
        except AriNotFound:
            return None  # the caller is gone already: there is nothing to record
        except (AriError, TimeoutError) as error:
            failure = f"no recording of what the caller {'says' if side == 'in' else 'hears'}: {error}"
            log.error("call %s: %s", self._call_id, failure)
            return Failure(code=FailureCode.NO_RECORDING, text=failure)
        return None

    async def _record(self, side: str) -> None:
        snoop = f"snoop-{side}-{self._call_id}"
        channel = self._channels.channel(snoop)
        await self._ari.post(
            f"channels/{self._call_id}/snoop", app=self._ari.app, snoopId=snoop, spy=side, whisper="none"
        )
        if not await channel.until_up(UP_SECONDS):  # until then Asterisk refuses to record it (409)
            return  # the caller is gone already: there is nothing to record
        await self._ari.post(f"channels/{snoop}/record", name=recording_name(self._call_id, side), format="wav")

    async def discard(self) -> None:
        """The caller refused: end the recording and delete what there is of it."""
        for side in SIDES:
            await self._ari.delete(f"recordings/live/{recording_name(self._call_id, side)}")
        await self.stop()
        await delete_stored(self._ari, self._call_id)

    async def stop(self) -> None:
        """End the recording and wait until Asterisk has closed its files."""
        self._ari.left_over.update(f"channels/snoop-{side}-{self._call_id}" for side in SIDES)  # until removed
        for side in SIDES:
            snoop = f"snoop-{side}-{self._call_id}"
            channel = self._channels.channel(snoop)
            try:
                await self._ari.remove(f"channels/{snoop}")
                if channel.up.is_set():
                    async with asyncio.timeout(STOP_SECONDS):
                        await channel.until_gone()
            except (AriError, TimeoutError) as error:
                log.warning("call %s: the recording of side %s did not end: %s", self._call_id, side, error)
            finally:
                self._channels.forget(snoop)


def recording_name(call_id: str, side: str) -> str:
    return f"call-{call_id}-{side}"


async def left_over(ari: Ari) -> set[str]:
    """Calls whose sound still lies with Asterisk."""
    names = [match["call"] for row in await ari.get("recordings/stored") if (match := NAME.match(row["name"]))]
    return set(names)


def began_at(call_id: str) -> datetime | None:
    """When Asterisk gave the call its id; None where the id does not tell."""
    found = BEGAN.search(call_id)
    return datetime.fromtimestamp(int(found["seconds"]), UTC) if found else None


async def keep(
    ari: Ari, sink: RecordingSink, *, call_id: str, language: str, seconds: float = 0.0
) -> tuple[Failure, ...]:
    """Bring a finished call's sound home: one stereo file, registered, announced; only then deleted with Asterisk.

    Args:
        ari: Where the sound lies.
        sink: Where it goes.
        call_id: The call it is of.
        language: Spoken in it.
        seconds: How long it was recorded, to notice a recording that was cut.

    Returns:
        What is wrong with the recording; empty when nothing is. What failed for now is left with Asterisk, and
        tried again every minute.
    """
    try:
        async with asyncio.timeout(HOME_SECONDS):
            recording_id, duration = await _bring_home(ari, sink, call_id, language)
    except (ConsentRefused, SoundErased):
        await delete_stored(ari, call_id)
        return ()
    except (AriError, OSError, SQLAlchemyError, AudioFormatError) as error:
        reason = str(error) or "it took too long"
        log.error("call %s: its recording waits with Asterisk: %s", call_id, reason)
        return _failed(FailureCode.RECORDING_WAITS, f"the recording waits with Asterisk: {reason}")
    if not recording_id:
        await delete_stored(ari, call_id)
        return _failed(FailureCode.NO_RECORDING, "no recording: Asterisk has no sound of this call")
    with suppress(TimeoutError):  # the sweep finds it
        await in_thread(sink.threads, announce_recording, ANNOUNCE_SECONDS, sink.broker_url, recording_id)
    await delete_stored(ari, call_id)
    if duration < MISSING_SHARE * seconds - 1:
        cut = f"the recording has {duration:.0f} s of {seconds:.0f} s: Asterisk's disk full, or it could not keep up"
        return _failed(FailureCode.RECORDING_CUT, cut)
    if duration > LONGEST:
        long = f"the recording of {duration / 3600:.1f} h is kept, but not analysed: longer than {LONGEST / 3600:g} h"
        return _failed(FailureCode.RECORDING_LONG, long)
    return ()


def _failed(code: FailureCode, text: str) -> tuple[Failure, ...]:
    return (Failure(code=code, text=text),)


async def _bring_home(ari: Ari, sink: RecordingSink, call_id: str, language: str) -> tuple[str, float]:
    """Id and seconds of the recording; no id where Asterisk has no sound of the call."""
    with temporary_folder("call") as folder:
        for side in SIDES:
            await _fetch(ari, sink, call_id, side, folder / side)
        return await in_thread(sink.threads, _register, HOME_SECONDS, sink, folder, call_id, language)


async def _fetch(ari: Ari, sink: RecordingSink, call_id: str, side: str, path: Path) -> None:
    """Copy the WAV of one side; an empty file where there is none."""
    with path.open("xb") as file:
        try:
            async for block in ari.read(f"recordings/stored/{recording_name(call_id, side)}/file"):
                await in_thread(sink.threads, file.write, None, block)
        except AriNotFound:
            pass


def _register(sink: RecordingSink, folder: Path, call_id: str, language: str) -> tuple[str, float]:
    """Join and register both sides, in a thread: an hour of sound takes a second."""
    path = folder / "call.wav"
    left, right = (folder / side for side in SIDES)
    if join(left, right, path) < SHORTEST:
        return "", 0.0
    entitle(path, call_id)
    recording, _ = register(
        sink.database,
        sink.store,
        path,
        filename=f"{call_id}.wav",
        language=language,
        call_id=call_id,
        longest=LONGEST_CALL,
    )
    return recording.id, recording.duration


def join(left: Path, right: Path, target: Path) -> float:
    """Write both sides as one stereo WAV, block by block; its seconds. The shorter side is filled up with silence.

    Sides are WAVs as Asterisk spools them: all there is counts, whatever the header says. An Asterisk that died in the
    middle left a header that promises nothing; the sound behind it is good.
    """
    frames = 0
    with left.open("rb") as one, right.open("rb") as other, wave.open(str(target), "wb") as both:
        both.setnchannels(2)
        both.setsampwidth(2)
        both.setframerate(TELEPHONE_RATE)
        for file in (one, other):
            at = file.read(HEADER_BYTES).find(b"data")
            file.seek(at + 8 if at >= 0 else 0, os.SEEK_SET if at >= 0 else os.SEEK_END)
        while frames < LONGEST_CALL * TELEPHONE_RATE:
            sides = [np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2") for pcm in (one.read(BLOCK), other.read(BLOCK))]
            longer = max(side.size for side in sides)
            if not longer:
                break
            block = np.zeros((longer, 2), "<i2")
            for channel, side in enumerate(sides):
                block[: side.size, channel] = side
            both.writeframes(block.tobytes())
            frames += longer
    return frames / TELEPHONE_RATE


async def delete_stored(ari: Ari, call_id: str) -> None:
    """Forget the sound that lies with Asterisk."""
    for side in SIDES:
        try:
            await ari.delete(f"recordings/stored/{recording_name(call_id, side)}")
        except AriError as error:
            log.warning("call %s: its sound still lies with Asterisk: %s", call_id, error)


def entitle(path: Path, title: str) -> None:
    """Write a title into a WAV: RIFF's ``LIST INFO INAM``. Two calls are two files, even where both sides are silent:
    the same bytes would be one recording, kept, held and erased as one.
    """
    name = title.encode() + b"\0"
    name += b"\0" * (len(name) % 2)
    info = b"INFO" + b"INAM" + struct.pack("<I", len(name)) + name
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.write(b"\0" * (end % 2) + b"LIST" + struct.pack("<I", len(info)) + info)
        size = file.tell() - 8
        file.seek(4)
        file.write(struct.pack("<I", size))
