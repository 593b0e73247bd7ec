"""The real faster-whisper on human Russian and English at 8 kHz, and on what it likes to invent words for."""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from speech.audio.audio import AudioChunk, Sound, chunks, read_sound, resample
from speech.errors import EngineError
from speech.recognition.engines import describe, open_recognizer
from speech.recognition.recognizer import Partial, Recognizer
from speech.recognition.whisper import WhisperRecognizer
from speech.recognition.word_error_rate import corpus_error_rate
from speech.recognition.words import Speaker
from speech.settings import SpeechSettings
from speech.synthesis.voices import open_voice
from tests.speech.human import human_prompts, in_a_row, quiet

pytestmark = pytest.mark.models


@pytest.fixture(scope="module", params=["ru", "en"])
def recognizer(request: pytest.FixtureRequest, models_dir: Path) -> Recognizer:
    return open_recognizer(request.param, SpeechSettings(models_dir=models_dir, engine="whisper"))


@pytest.fixture
def sentences(recognizer: Recognizer) -> list[tuple[Sound, str]]:
    """Two that differ: of one said twice Whisper writes down one."""
    prompts = ((read_sound(file), text) for file, text in human_prompts(recognizer.language, least_words=6))
    return list(islice(((sound, text) for sound, text in prompts if 2.5 < sound.duration < 4.5), 2))


@pytest.fixture
def sentence(sentences: list[tuple[Sound, str]]) -> tuple[Sound, str]:
    return sentences[0]


def test_word_error_rate_on_human_prompts(recognizer: Recognizer, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = []
    for file, text in human_prompts(recognizer.language)[::25][:10]:
        heard = recognizer.recognize(read_sound(file), speaker=Speaker.CALLER, channel=0)
        pairs.append((text, " ".join(utterance.text for utterance in heard)))
    rate = corpus_error_rate(pairs, recognizer.language)
    with capsys.disabled():
        print(  # noqa: T201  the figure is wanted
            f"\n{recognizer.engine}, {recognizer.language}: word error rate {rate:.3f} on {len(pairs)} human prompts"
        )
    assert rate < {"ru": 0.35, "en": 0.15}[recognizer.language]


def test_live_turn_is_decoded_in_its_pauses(recognizer: Recognizer, sentence: tuple[Sound, str]) -> None:
    sound, text = sentence
    turn = recognizer.live(phrases=("a", "hint"))
    partial = Partial()
    for chunk in chunks(in_a_row(quiet(0.3), sound, quiet(0.7))):
        partial = turn.feed(AudioChunk(pcm=chunk.pcm, rate=chunk.rate, start=50.0 + chunk.start))
    utterance = turn.finish()
    assert utterance is not None
    assert utterance.text == partial.text  # the end of the turn had nothing left to decode
    assert corpus_error_rate([(text, utterance.text)], recognizer.language) < 0.5
    assert 50.0 < utterance.start < 51.0
    assert utterance.end <= 50.0 + 0.3 + sound.duration + 0.7
    assert " ".join(word.text for word in utterance.words) == utterance.text
    assert all(one.start <= other.start for one, other in pairwise(utterance.words))
    assert utterance.confidence is not None
    assert 0.3 < utterance.confidence <= 1.0
    assert turn.finish() is None


def test_a_live_turn_goes_on_after_a_pause(recognizer: Recognizer, sentences: list[tuple[Sound, str]]) -> None:
    (first, said_first), (second, said_then) = sentences
    turn = recognizer.live()
    for chunk in chunks(in_a_row(first, quiet(0.5), second)):
        turn.feed(chunk)
    utterance = turn.finish()
    assert utterance is not None
    assert corpus_error_rate([(f"{said_first} {said_then}", utterance.text)], recognizer.language) < 0.5


def test_recording_is_heard_stretch_by_stretch(recognizer: Recognizer, sentence: tuple[Sound, str]) -> None:
    sound = in_a_row(quiet(2), sentence[0], quiet(3), sentence[0], quiet(2))
    first, second = recognizer.recognize(resample(sound, 44_100), speaker=Speaker.AGENT, channel=1)
    assert second.start - first.start == pytest.approx(3 + sentence[0].duration, abs=0.5)
    assert {first.speaker, second.speaker} == {Speaker.AGENT}
    assert {first.channel, second.channel} == {1}


@pytest.mark.parametrize("kind", ["silence", "hiss", "hum", "beep", "clicks"])
def test_nothing_is_invented_where_nobody_speaks(recognizer: Recognizer, kind: str) -> None:
    times = np.arange(6 * 8000) / 8000
    dice = np.random.default_rng(3)
    samples = {
        "silence": np.zeros_like(times),
        "hiss": dice.normal(0, 900, times.size),
        "hum": 4000 * np.sin(2 * np.pi * 50 * times),
        "beep": 9000 * np.sin(2 * np.pi * 1000 * times) * (times % 2 < 0.4),
        "clicks": 12000 * (dice.random(times.size) > 0.9995),
    }[kind]
    sound = Sound(samples=samples.astype(np.int16).reshape(1, -1), rate=8000)
    assert recognizer.recognize(sound, speaker=Speaker.CALLER, channel=0) == ()
    turn = recognizer.live()
    for chunk in chunks(sound):
        turn.feed(chunk)
    assert turn.finish() is None


def test_a_list_read_aloud_is_not_taken_for_a_loop(models_dir: Path) -> None:
    """Twenty seconds of «Нажмите один для…, нажмите два для…» pack as well as a loop does, counted in bytes."""
    recognizer = open_recognizer("ru", SpeechSettings(models_dir=models_dir, engine="whisper"))
    sound = read_sound(Path("/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU/vm-options.wav"))
    (utterance,) = recognizer.recognize(sound, speaker=Speaker.ROBOT, channel=1)
    assert len(utterance.words) > 25


def test_a_word_with_a_hyphen_is_one_word(models_dir: Path) -> None:
    settings = SpeechSettings(models_dir=models_dir, engine="whisper")
    voice = open_voice("ru", settings)
    try:
        sound = voice.speak("Могу ещё чем-нибудь помочь?")
    finally:
        voice.close()
    (said,) = open_recognizer("ru", settings).recognize(sound, speaker=Speaker.ROBOT, channel=0)
    assert "чем-нибудь" in [word.text for word in said.words]
    assert said.text == " ".join(word.text for word in said.words)


def test_russian_and_english_share_one_model(recognizer: Recognizer, models_dir: Path) -> None:
    settings = SpeechSettings(models_dir=models_dir, engine="whisper")
    one, other = open_recognizer("ru", settings), open_recognizer("en", settings)
    assert isinstance(one, WhisperRecognizer)
    assert isinstance(other, WhisperRecognizer)
    assert one._model is other._model
    assert describe("ru", settings) == one.engine == "faster-whisper-1.2.1/faster-whisper-base"


def test_model_that_is_no_model_is_an_engine_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="Whisper cannot load"):
        WhisperRecognizer(tmp_path, language="ru", threads=1)
