"""Sound in memory: a chunk of a live leg, a whole piece, and the way from and to files."""

from __future__ import annotations

import logging
import os
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from speech.errors import AudioFormatError
from speech.redaction.masks import masked_filename

logger = logging.getLogger(__name__)

TELEPHONE_RATE = 8000
"""Hz, the rate of a narrow-band telephone leg."""
SHORTEST = 0.1
"""Seconds; a file with less is taken for empty."""
LONGEST = 6 * 3600.0
"""Seconds; a longer file is refused."""
MOST_CHANNELS = 8
"""Of one file."""
CONTAINERS = "wav,w64,aiff,au,mp3,flac,ogg,mov,mp4,m4a,3gp,matroska,webm,aac,amr,amrnb,amrwb,asf,caf,gsm"
"""Kinds of file that are opened. Playlists are not among them: they would make us open other files and addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioChunk:
    """A few milliseconds of one leg: signed 16-bit little-endian mono PCM."""

    pcm: bytes
    rate: int
    """Hz."""
    start: float
    """Seconds from the start of the leg."""

    @property
    def end(self) -> float:
        """Seconds from the start of the leg."""
        return self.start + len(self.pcm) / 2 / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A whole piece of sound."""

    samples: NDArray[np.int16]
    """Shape (channels, frames)."""
    rate: int
    """Hz."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(self.samples.shape[1] / self.rate)

    @property
    def channels(self) -> int:
        return int(self.samples.shape[0])

    @property
    def pcm(self) -> bytes:
        """Signed 16-bit little-endian PCM, channels interleaved."""
        return self.samples.T.astype("<i2").tobytes()

    def channel(self, index: int) -> Sound:
        """One channel alone, as mono sound."""
        return Sound(samples=self.samples[index : index + 1], rate=self.rate)

    def cut(self, start: float, end: float) -> Sound:
        """The part between two times in seconds, as far as there is sound."""
        return Sound(samples=self.samples[:, max(0, round(start * self.rate)) : round(end * self.rate)], rate=self.rate)


def mono(pcm: bytes, rate: int) -> Sound:
    """Sound of signed 16-bit little-endian mono PCM."""
    return Sound(samples=np.frombuffer(pcm, dtype="<i2").astype(np.int16).reshape(1, -1), rate=rate)


def read_sound(source: Path | BinaryIO, *, longest: float = LONGEST) -> Sound:
    """Decode a sound file of any usual kind, at its own rate and with its own channels.

    A file that was cut short is decoded as far as it goes; the log tells. With nothing usable in it, it is an error.

    Args:
        source: WAV, MP3, Opus, Vorbis, M4A, FLAC, AMR, … by content, whatever the name says.
        longest: Seconds above which the file is refused.

    Raises:
        AudioFormatError: empty, not sound, nothing usable in it, or too long.
        FileNotFoundError: no such file.
    """
    rates, blocks = zip(*_decoded(source, longest=longest), strict=True)
    return Sound(samples=np.concatenate(blocks, axis=1), rate=rates[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What can be said of a sound file without holding it in memory."""

    duration: float
    """Seconds."""
    rate: int
    """Hz."""
    channels: int


def measure_sound(source: Path | BinaryIO, *, longest: float = LONGEST) -> Measures:
    """Decode a file as ``read_sound`` does, with its arguments and errors, and keep no block of it."""
    frames = rate = channels = 0
    for found, block in _decoded(source, longest=longest):
        rate, channels = found, block.shape[0]
        frames += block.shape[1]
    return Measures(duration=frames / rate, rate=rate, channels=channels)


def _decoded(source: Path | BinaryIO, *, longest: float) -> Iterator[tuple[int, NDArray[np.int16]]]:
    """Rate and samples, block by block, at least one block; errors as of ``read_sound``."""
    import av
    from av.error import FFmpegError

    name = str(source) if isinstance(source, Path) else "sound"
    if isinstance(source, Path) and not source.exists():
        raise FileNotFoundError(f"{source}: no such file")
    rate = frames = channels = 0
    try:
        with av.open(
            str(source.absolute()) if isinstance(source, Path) else source,  # "10:15.wav" is no protocol
            options={"format_whitelist": CONTAINERS},
            metadata_errors="replace",  # titles in any code page
        ) as box:
            if not box.streams.audio:
                raise AudioFormatError(f"{name}: holds no sound")
            same_channels_as_int16 = av.AudioResampler(format="s16")
            for frame in box.decode(audio=0):
                if rate and frame.sample_rate != rate:
                    raise AudioFormatError(f"{name}: changes its rate from {rate} to {frame.sample_rate} Hz")
                if frame.layout.nb_channels > MOST_CHANNELS:
                    raise AudioFormatError(f"{name}: has {frame.layout.nb_channels} channels, at most {MOST_CHANNELS}")
                if channels and frame.layout.nb_channels != channels:
                    raise AudioFormatError(f"{name}: changes its number of channels")
                rate, channels = frame.sample_rate, frame.layout.nb_channels
                for part in same_channels_as_int16.resample(frame):
                    block = _samples(part)
                    frames += block.shape[1]
                    yield rate, block
                if frames > longest * rate:
                    raise AudioFormatError(f"{name}: longer than {longest / 3600:g} hours")
    except FFmpegError as error:
        if frames < SHORTEST * (rate or TELEPHONE_RATE):
            raise AudioFormatError(f"{name}: not a sound file that can be decoded ({error.strerror})") from error
        shown = masked_filename(Path(name).name)
        logger.warning(
            "%s is damaged after %.1f s (%s); what is before that is used", shown, frames / rate, error.strerror
        )
    if not rate or frames < SHORTEST * rate:
        raise AudioFormatError(f"{name}: less than {SHORTEST} s of sound")


def _samples(frame: Any) -> NDArray[np.int16]:
    """Shape (channels, frames). Of interleaved samples: with a plane for each of eight channels or more PyAV 18 reads
    beyond the last one, and a WAV that only says it has 16 ended the process."""
    samples: NDArray[np.int16] = frame.to_ndarray().reshape(-1, frame.layout.nb_channels).T
    return samples


def write_wav(path: Path, sound: Sound) -> None:
    """Write 16-bit PCM WAV; the file appears whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{id(sound)}.part")
    try:
        with part.open("wb") as file, wave.open(file, "wb") as wav:
            wav.setnchannels(sound.channels)
            wav.setsampwidth(2)
            wav.setframerate(sound.rate)
            wav.writeframes(sound.pcm)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def resample(sound: Sound, rate: int) -> Sound:
    """The same sound at another rate in Hz."""
    if sound.rate == rate:
        return sound
    import soxr

    samples = soxr.resample(np.ascontiguousarray(sound.samples.T), sound.rate, rate)
    return Sound(samples=np.ascontiguousarray(samples.T, dtype=np.int16), rate=rate)


def stereo(left: Sound, right: Sound) -> Sound:
    """Two mono sounds side by side; the shorter one is filled up with silence.

    Raises:
        ValueError: not mono, or of different rates.
    """
    if left.channels != 1 or right.channels != 1 or left.rate != right.rate:
        raise ValueError(
            f"want two mono sounds of one rate, got {left.channels}x{left.rate} {right.channels}x{right.rate}"
        )
    frames = max(left.samples.shape[1], right.samples.shape[1])
    both = np.zeros((2, frames), dtype=np.int16)
    both[0, : left.samples.shape[1]] = left.samples[0]
    both[1, : right.samples.shape[1]] = right.samples[0]
    return Sound(samples=both, rate=left.rate)


def chunks(sound: Sound, ms: int = 20) -> Iterator[AudioChunk]:
    """A mono sound as a phone leg brings it, ``ms`` milliseconds at a time; the last chunk may be shorter."""
    if sound.channels != 1:
        raise ValueError(f"want mono sound, got {sound.channels} channels")
    step = sound.rate * ms // 1000
    samples = sound.samples[0]
    for first in range(0, samples.shape[0], step):
        pcm = samples[first : first + step].astype("<i2").tobytes()
        yield AudioChunk(pcm=pcm, rate=sound.rate, start=first / sound.rate)


def as_float(sound: Sound) -> NDArray[np.float32]:
    """Samples of a mono sound in -1..1, as recognisers and detectors want them."""
    samples: NDArray[np.float32] = np.divide(sound.samples[0], 32768, dtype=np.float32)
    return samples
