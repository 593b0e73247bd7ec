"""Files of every kind, good and bad, and arithmetic on sound."""

from __future__ import annotations

import logging
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from speech.audio.audio import (
    AudioChunk,
    Sound,
    chunks,
    mono,
    read_sound,
    resample,
    stereo,
    write_wav,
)
from speech.errors import AudioFormatError
from tests.sounds import encoded

pytestmark = pytest.mark.unit


def tone(seconds: float = 1.0, rate: int = 8000, hz: float = 440.0, channels: int = 1) -> Sound:
    times = np.arange(round(seconds * rate)) / rate
    wave_form = (np.sin(2 * np.pi * hz * times) * 8000).astype(np.int16)
    return Sound(samples=np.tile(wave_form, (channels, 1)), rate=rate)


def strongest_hz(sound: Sound) -> float:
    samples = sound.samples[0].astype(np.float64)
    return float(np.argmax(np.abs(np.fft.rfft(samples * np.hanning(samples.size)))) * sound.rate / samples.size)


@pytest.mark.parametrize(
    ("name", "codec", "rate", "channels"),
    [
        ("a.wav", "pcm_s16le", 8000, 1),
        ("a.wav", "pcm_mulaw", 8000, 1),
        ("a.wav", "pcm_alaw", 8000, 2),
        ("a.wav", "pcm_s16le", 44100, 2),
        ("a.mp3", "libmp3lame", 44100, 2),
        ("a.opus", "libopus", 48000, 1),
        ("a.m4a", "aac", 44100, 1),
        ("a.flac", "flac", 16000, 2),
    ],
)
def test_every_usual_kind_is_read(tmp_path: Path, name: str, codec: str, rate: int, channels: int) -> None:
    sound = read_sound(encoded(tmp_path / name, codec=codec, rate=rate, channels=channels, seconds=1.0))
    assert sound.channels == channels
    assert sound.rate == rate
    assert sound.duration == pytest.approx(1.0, abs=0.06)
    assert strongest_hz(sound) == pytest.approx(440, abs=3)


def test_name_says_nothing_about_the_kind(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.flac", codec="flac", rate=8000, channels=1, seconds=1.0).rename(tmp_path / "a.wav")
    assert read_sound(path).duration == pytest.approx(1.0)


def test_written_wav_is_read_back_bit_for_bit(tmp_path: Path) -> None:
    sound = stereo(tone(0.5, hz=300), tone(0.4, hz=700))
    write_wav(tmp_path / "a.wav", sound)
    assert np.array_equal(read_sound(tmp_path / "a.wav").samples, sound.samples)
    with (tmp_path / "a.wav").open("rb") as file:
        assert np.array_equal(read_sound(file).samples, sound.samples)
    with wave.open(str(tmp_path / "a.wav")) as wav:
        assert (wav.getnchannels(), wav.getframerate(), wav.getsampwidth()) == (2, 8000, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not a sound file"),
        (b"just some text, no sound\n" * 100, "not a sound file"),
        (bytes(range(256)) * 40, "not a sound file"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/hostname\n", "not a sound file"),
        (b"ffconcat version 1.0\nfile /etc/hostname\n", "not a sound file"),
    ],
    ids=["empty", "text", "bytes", "playlist", "list of files"],
)
def test_what_is_not_sound_is_refused(tmp_path: Path, body: bytes, says: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(body)
    with pytest.raises(AudioFormatError, match=f"a.wav: {says}"):
        read_sound(path)


def test_header_without_sound_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone())
    (tmp_path / "a.wav").write_bytes((tmp_path / "a.wav").read_bytes()[:60])
    with pytest.raises(AudioFormatError, match=r"less than 0.1 s of sound"):
        read_sound(tmp_path / "a.wav")


def test_truncated_file_is_read_as_far_as_it_goes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = encoded(tmp_path / "a.mp3", codec="libmp3lame", rate=44100, channels=1, seconds=3.0)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with caplog.at_level(logging.WARNING):
        assert 1.0 < read_sound(path).duration < 2.0


def test_truncated_beyond_use_is_refused(tmp_path: Path) -> None:
    path = encoded(tmp_path / "a.m4a", codec="aac", rate=44100, channels=1, seconds=3.0)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(AudioFormatError):
        read_sound(path)


def test_too_long_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(3.0))
    with pytest.raises(AudioFormatError, match="longer than"):
        read_sound(tmp_path / "a.wav", longest=2.0)


def test_missing_file_is_not_a_bad_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_sound(tmp_path / "nothing.wav")


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_resampling_keeps_tone_and_length(rate: int) -> None:
    sound = resample(tone(1.0, rate, 600, channels=2), 8000)
    assert sound.rate == 8000
    assert sound.channels == 2
    assert sound.duration == pytest.approx(1.0, abs=0.002)
    assert strongest_hz(sound) == pytest.approx(600, abs=2)


def test_stereo_pads_the_shorter_side() -> None:
    both = stereo(tone(0.2), tone(0.5))
    assert both.duration == pytest.approx(0.5)
    assert np.array_equal(both.channel(0).samples[0, :1600], tone(0.2).samples[0])
    assert not both.samples[0, 1600:].any()
    with pytest.raises(ValueError, match="one rate"):
        stereo(tone(rate=8000), tone(rate=16000))


def test_chunks_are_the_sound_in_order() -> None:
    sound = tone(0.05)
    parts = list(chunks(sound))
    assert [round(part.start, 3) for part in parts] == [0.0, 0.02, 0.04]
    assert [len(part.pcm) for part in parts] == [320, 320, 160]
    assert parts[-1].end == pytest.approx(0.05)
    assert np.array_equal(mono(b"".join(part.pcm for part in parts), 8000).samples, sound.samples)
    assert isinstance(parts[0], AudioChunk)


def test_cut_stays_inside_the_sound() -> None:
    assert tone(1.0).cut(0.25, 0.5).duration == pytest.approx(0.25)
    assert tone(1.0).cut(-1.0, 9.0).duration == pytest.approx(1.0)


def test_tags_in_another_alphabet_do_not_matter(tmp_path: Path) -> None:
    """Recorders under Windows name the WAV file in their own code page."""
    path = tmp_path / "a.wav"
    write_wav(path, tone(1.0))
    body, title = path.read_bytes(), "Звонок".encode("cp1251")
    tag = b"INFOINAM" + struct.pack("<I", len(title)) + title
    body = body[:36] + b"LIST" + struct.pack("<I", len(tag)) + tag + body[36:]
    path.write_bytes(body[:4] + struct.pack("<I", len(body) - 8) + body[8:])
    assert np.array_equal(read_sound(path).samples, tone(1.0).samples)


def test_a_colon_in_a_name_is_no_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_wav(Path("10:15.wav"), Sound(samples=np.ones((1, 8000), np.int16), rate=8000))
    assert read_sound(Path("10:15.wav")).duration == 1
