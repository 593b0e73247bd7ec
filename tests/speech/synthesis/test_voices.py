"""Real voices: sound, order, restarts, and the cache of prompts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from speech.audio.acoustics import loudness_dbfs
from speech.audio.audio import Sound, read_sound, write_wav
from speech.audio.vad import speech_spans
from speech.errors import AudioFormatError, EngineError
from speech.settings import SpeechSettings
from speech.synthesis.festival import FestivalVoice
from speech.synthesis.prompts import Prompts
from speech.synthesis.pyttsx3 import Pyttsx3Voice
from speech.synthesis.synthesizer import Voice
from speech.synthesis.voices import open_voice
from tests.speech.human import in_a_row, quiet

pytestmark = pytest.mark.models


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        ("russian_voice", "Здравствуйте! Ваш заказ будет завтра."),
        ("russian_voice", "Заказ № 4127 — «Отклик», 5 %; 12.05.2026 в 15:30 (кем-нибудь)…"),
        ("russian_voice", "О\"Коннор \\ (quit) 'x"),
        ("english_voice", "Hello, your order is on its way."),
        ("korean_voice", "네"),
    ],
)
def test_voice_speaks_at_the_telephone_rate(voice: str, text: str, request: pytest.FixtureRequest) -> None:
    sound: Sound = request.getfixturevalue(voice).speak(text)
    assert (sound.channels, sound.rate) == (1, 8000)
    assert speech_spans(in_a_row(quiet(0.5), sound, quiet(0.5)))


@pytest.mark.parametrize("voice", ["russian_voice", "english_voice"])
def test_many_ask_at_once_and_each_gets_its_own(voice: str, request: pytest.FixtureRequest) -> None:
    speaker: Voice = request.getfixturevalue(voice)
    texts = ["1", "1 2 3 4 5 6 7 8 9"] * 10
    alone = [speaker.speak(text).duration for text in texts[:2]]
    with ThreadPoolExecutor(6) as threads:
        together = [sound.duration for sound in threads.map(speaker.speak, texts)]
    assert together == pytest.approx(alone * 10, abs=0.1)


@pytest.mark.parametrize("voice", ["russian_voice", "english_voice"])
@pytest.mark.parametrize("text", ["", "…", " - "])
def test_nothing_to_say_is_an_error(voice: str, text: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(EngineError, match="nothing to say"):
        request.getfixturevalue(voice).speak(text)


@pytest.mark.parametrize(
    "make",
    [lambda: FestivalVoice("voice_msu_ru_nsh_clunits"), lambda: Pyttsx3Voice("en-us")],
    ids=["festival", "pyttsx3"],
)
def test_voice_that_died_is_started_again_and_leaves_nothing_behind(make: Callable[[], Voice]) -> None:
    mine = psutil.Process()
    before = set(mine.children())
    voice = make()
    voice.speak("1")
    (child,) = set(mine.children()) - before
    child.kill()
    child.wait()
    assert voice.speak("1").duration > 0.1
    voice.close()
    assert set(mine.children()) == before


def test_voice_that_does_not_exist_is_an_error_not_another_voice() -> None:
    voice = Pyttsx3Voice("no-such-voice")
    with pytest.raises(EngineError, match="SetVoiceByName failed"):
        voice.speak("hello")
    voice.close()


def test_voice_is_chosen_by_language_and_settings(tmp_path: Path) -> None:
    assert open_voice("ru", SpeechSettings()).name == "festival/voice_msu_ru_nsh_clunits"
    assert open_voice("en", SpeechSettings()).name == "pyttsx3/en-us"
    assert open_voice("en", SpeechSettings(voices={"en": "festival/voice_kal_diphone"})).name.startswith("festival/")
    with pytest.raises(EngineError, match="no voice is called 'parrot/polly'; want festival/NAME or pyttsx3/NAME"):
        open_voice("en", SpeechSettings(voices={"en": "parrot/polly"}))


def test_prompt_is_rendered_once(english_voice: Voice, tmp_path: Path) -> None:
    prompts = Prompts({"en": english_voice}, cache_dir=tmp_path / "cache", recorded_dir=tmp_path / "recorded")
    first = prompts.sound("How can I help you?", "en", keep=True)
    (kept,) = (tmp_path / "cache").rglob("*.wav")
    when = kept.stat().st_mtime_ns
    assert np.array_equal(prompts.sound("How can I help you?", "en", keep=True).samples, first.samples)
    assert kept.stat().st_mtime_ns == when
    prompts.sound("Anything else?", "en", keep=True)
    assert len(list((tmp_path / "cache").rglob("*.wav"))) == 2


def test_what_is_somebodys_is_in_no_file(english_voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed before: every sentence with a name or a number stayed on the disk for ever."""
    prompts = Prompts({"en": english_voice}, cache_dir=tmp_path / "cache", recorded_dir=tmp_path / "recorded")
    first = prompts.sound("Hello, Anna Smirnova.", "en")
    assert prompts.sound("Hello, Anna Smirnova.", "en") is first
    assert not list(tmp_path.rglob("*.wav"))
    monkeypatch.setattr("speech.synthesis.prompts.MOST_IN_MEMORY", first.samples.nbytes)
    prompts.sound("Order 4127.", "en")
    assert prompts.sound("Hello, Anna Smirnova.", "en") is not first


def test_the_cache_is_bounded_and_forgets_an_earlier_otklik(
    english_voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / f"{'0' * 64}.wav").write_bytes(b"Hello, Anna")
    prompts = Prompts({"en": english_voice}, cache_dir=tmp_path, recorded_dir=tmp_path / "recorded")
    texts = ["Hello.", "Good-bye.", "Anything else?"]
    for text in texts:
        prompts.sound(text, "en", keep=True)
    largest = max(file.stat().st_size for file in tmp_path.rglob("*.wav"))
    monkeypatch.setattr("speech.synthesis.prompts.MOST_BYTES", largest)
    prompts.tidy([("Hello.", "en")])
    left = list(tmp_path.rglob("*.wav"))
    assert len(left) == 1
    assert prompts.sound("Hello.", "en").duration > 0.2
    assert not list((tmp_path / "en").iterdir())


def test_damaged_cache_is_rendered_anew(english_voice: Voice, tmp_path: Path) -> None:
    prompts = Prompts({"en": english_voice}, cache_dir=tmp_path, recorded_dir=tmp_path / "recorded")
    first = prompts.sound("Hello.", "en", keep=True)
    (kept,) = tmp_path.rglob("*.wav")
    kept.write_bytes(b"")
    again = prompts.sound("Hello.", "en", keep=True)
    assert again.duration == pytest.approx(first.duration, abs=0.1)
    assert np.array_equal(read_sound(kept).samples, again.samples)


def test_cache_that_cannot_be_written_costs_no_prompt(
    english_voice: Voice, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file in place of the folder")
    prompts = Prompts({"en": english_voice}, cache_dir=tmp_path / "cache", recorded_dir=tmp_path / "recorded")
    for text in ("Hello.", "Good-bye."):
        assert prompts.sound(text, "en", keep=True).duration > 0.2
    (warning,) = caplog.records
    assert "prompts cannot be kept" in warning.message


@pytest.mark.parametrize("voice", ["russian_voice", "english_voice"])
def test_no_room_for_a_voice_is_an_engine_error(
    voice: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    speaker: Voice = request.getfixturevalue(voice)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(EngineError, match="no place for a voice's sound"):
        speaker.speak("1")


def test_recorded_prompt_wins(english_voice: Voice, tmp_path: Path) -> None:
    prompts = Prompts({"en": english_voice}, cache_dir=tmp_path / "cache", recorded_dir=tmp_path / "recorded")
    file = tmp_path / "recorded" / "en" / "greeting.wav"
    file.parent.mkdir(parents=True)
    times = np.arange(2 * 44100) / 44100
    write_wav(file, Sound(samples=np.tile((np.sin(3000 * times) * 500).astype(np.int16), (2, 1)), rate=44100))

    sound = prompts.sound("Hello.", "en", name="greeting")

    assert (sound.channels, sound.rate) == (1, 8000)
    assert sound.duration == pytest.approx(2.0, abs=0.01)
    assert prompts.sound("Hello.", "en", name="other").duration < 1.5
    file.write_bytes(b"no sound")
    with pytest.raises(AudioFormatError, match=r"greeting.wav"):
        prompts.sound("Hello.", "en", name="greeting")
    with pytest.raises(ValueError, match="no path"):
        prompts.sound("Hello.", "en", name="../en/greeting")


def test_all_voices_are_equally_loud(russian_voice: Voice, english_voice: Voice, tmp_path: Path) -> None:
    prompts = Prompts({"ru": russian_voice, "en": english_voice}, cache_dir=tmp_path, recorded_dir=tmp_path)
    for language, text in (("ru", "Назовите, пожалуйста, номер заказа."), ("en", "Please say your order number.")):
        sound = prompts.sound(text, language, keep=True)
        level = loudness_dbfs(sound, speech_spans(sound))
        assert level == pytest.approx(-20, abs=3)
        assert int(np.abs(sound.samples.astype(np.int32)).max()) < 32000
