"""Records a call: Asterisk writes each side by itself, we join them when it is over."""

from __future__ import annotations

import asyncio
import logging
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.call_log.spool import Spool
from ivr.errors import AriError, AriNotFound
from ivr.telephony.ari import Ari
from ivr.telephony.channels import Channels
from recordings.announce import announce_recording
from recordings.audio.intake import register
from recordings.audio_store import AudioStore
from recordings.contacts.failure import Failure, FailureCode
from recordings.errors import ConsentRefused, SoundErased
from speech.audio.audio import TELEPHONE_RATE, Sound, stereo, write_wav
from speech.errors import AudioFormatError

log = logging.getLogger(__name__)

SIDES = ("in", "out")
"""What the caller says, what the caller hears: left and right."""
UP_SECONDS = 5.0
STOP_SECONDS = 5.0
NAME = re.compile(r"^call-(?P<call>.+)-(?:in|out)$")
MISSING_SHARE = 0.9
"""A recording shorter than this share of its call was cut: the disk was full, or Asterisk died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSink:
    """Where recordings go."""

    database: Engine
    store: AudioStore
    broker_url: str
    spool: Spool
    """Where entries of the call log wait that the database would not take."""


class Recorder:
    """Two snoops on the caller's channel: whatever bridge the caller is moved to, nothing is lost."""

    def __init__(self, ari: Ari, channels: Channels, call_id: str) -> None:
        self._ari = ari
        self._channels = channels
        self._call_id = call_id
        self.failures: tuple[Failure, ...] = ()
        """Why there is no recording, or not all of it."""

    async def start(self) -> None:
        """Begin. The call goes on without a recording, or with that of one side, when Asterisk cannot write one."""
        failures = await asyncio.gather(*(self._start(side) for side in SIDES))
        self.failures = tuple(filter(None, failures))

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
        for side in SIDES:
            snoop = f"snoop-{side}-{self._call_id}"
            channel = self._channels.channel(snoop)
            try:
                await self._ari.delete(f"channels/{snoop}")
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


async def keep(
    ari: Ari, sink: RecordingSink, *, call_id: str, language: str, seconds: float = 0.0
) -> tuple[Failure, ...]:
    """Bring a finished call's sound home: one stereo file, registered, announced; only then deleted with Asterisk.

    Args:
        ari: Where the sound lies.
        sink: Where it goes.
        call_id: The call it is of.
        language: Spoken in it.
        seconds: How long the call took, to notice a recording that was cut.

    Returns:
        What is wrong with the recording; empty when nothing is. What failed for now is left with Asterisk, and
        tried again every minute.
    """
    try:
        left, right = [await _side(ari, call_id, side) for side in SIDES]
        if not left and not right:
            return _failed(FailureCode.NO_RECORDING, "no recording: Asterisk has no sound of this call")
        recording_id, duration = await asyncio.to_thread(_register, sink, left, right, call_id, language)
    except (ConsentRefused, SoundErased):
        await delete_stored(ari, call_id)
        return ()
    except AudioFormatError as error:
        await delete_stored(ari, call_id)
        return _failed(FailureCode.NO_RECORDING, f"no recording: {error}")
    except (AriError, OSError, SQLAlchemyError) as error:
        log.error("call %s: its recording waits with Asterisk: %s", call_id, error)
        return _failed(FailureCode.RECORDING_WAITS, f"the recording waits with Asterisk: {error}")
    await asyncio.to_thread(announce_recording, sink.broker_url, recording_id)
    await delete_stored(ari, call_id)
    if duration < MISSING_SHARE * seconds - 1:
        cut = f"the recording has {duration:.0f} s of a call of {seconds:.0f} s: is Asterisk's disk full?"
        return _failed(FailureCode.RECORDING_CUT, cut)
    return ()


def _failed(code: FailureCode, text: str) -> tuple[Failure, ...]:
    return (Failure(code=code, text=text),)


def _register(sink: RecordingSink, left: bytes, right: bytes, call_id: str, language: str) -> tuple[str, float]:
    """Join and register both sides, in a thread: an hour of sound takes a second. Id and seconds of the recording."""
    sound = stereo(spooled_sound(left), spooled_sound(right))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "call.wav"
        write_wav(path, sound)
        filename = f"{call_id}.wav"
        recording, _ = register(sink.database, sink.store, path, filename=filename, language=language, call_id=call_id)
    return recording.id, sound.duration


async def _side(ari: Ari, call_id: str, side: str) -> bytes:
    """WAV of one side; empty where there is none."""
    try:
        return await ari.read(f"recordings/stored/{recording_name(call_id, side)}/file")
    except AriNotFound:
        return b""


def spooled_sound(wav: bytes) -> Sound:
    """Sound of a WAV as Asterisk spools it: all there is, whatever the header says.

    An Asterisk that died in the middle left a header that promises nothing; the sound behind it is good.
    """
    start = wav.find(b"data") + 8
    pcm = wav[start : len(wav) - (len(wav) - start) % 2] if start >= 8 else b""
    return Sound(samples=np.frombuffer(pcm, dtype="<i2").astype(np.int16)[np.newaxis], rate=TELEPHONE_RATE)


async def delete_stored(ari: Ari, call_id: str) -> None:
    """Forget the sound that lies with Asterisk."""
    for side in SIDES:
        try:
            await ari.delete(f"recordings/stored/{recording_name(call_id, side)}")
        except AriError as error:
            log.warning("call %s: its sound still lies with Asterisk: %s", call_id, error)
