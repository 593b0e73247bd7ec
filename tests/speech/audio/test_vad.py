"""Where speech is, on real voices over a line's noise."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from speech.audio.audio import AudioChunk, Sound, chunks, read_sound, resample
from speech.audio.vad import FRAME_SECONDS, SpeechDetector, _part, speech_probabilities, speech_spans
from speech.synthesis.synthesizer import Voice
from tests.speech.human import human_prompts, in_a_row, quiet

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def sentence() -> Sound:
    """Two to four seconds of a person."""
    sounds = (read_sound(file) for file, _ in human_prompts("ru", least_words=6))
    return next(sound for sound in sounds if 2 < sound.duration < 4)


def test_silence_holds_no_speech() -> None:
    assert speech_spans(quiet(3)) == ()
    assert speech_spans(Sound(samples=np.zeros((1, 24000), np.int16), rate=8000)) == ()
    assert speech_spans(Sound(samples=np.zeros((1, 0), np.int16), rate=8000)) == ()


def test_two_sentences_are_two_spans_with_room_around(sentence: Sound) -> None:
    first, second = speech_spans(in_a_row(quiet(1.5), sentence, quiet(1.5), sentence, quiet(1.5)))
    assert 1.0 < first.start < 1.6
    assert first.end == pytest.approx(1.5 + sentence.duration, abs=0.5)
    assert second.start == pytest.approx(first.start + sentence.duration + 1.5, abs=0.15)
    assert first.end <= second.start


def test_rate_does_not_matter(sentence: Sound) -> None:
    sound = in_a_row(quiet(1), sentence, quiet(1))
    (low,), (high,) = speech_spans(sound), speech_spans(resample(sound, 48_000))
    assert high.start == pytest.approx(low.start, abs=0.1)
    assert high.end == pytest.approx(low.end, abs=0.1)


def test_long_speech_is_parted_where_it_is_quietest(sentence: Sound) -> None:
    spans = speech_spans(in_a_row(*[sentence] * 20), min_silence=5.0, longest=10.0)
    assert all(span.duration <= 10.5 for span in spans)
    assert all(one.end <= other.start + 1e-9 for one, other in pairwise(spans))
    assert sum(span.duration for span in spans) > 0.9 * 20 * sentence.duration


def test_chunks_of_any_length_give_the_same_frames(sentence: Sound) -> None:
    whole = speech_probabilities(sentence)
    detector = SpeechDetector()
    for ms in (20, 7, 160):
        detector.reset()
        frames = [frame for chunk in chunks(sentence, ms) for frame in detector.detect(chunk)]
        assert np.allclose([frame.probability for frame in frames], whole[: len(frames)], atol=1e-5)
        assert [frame.start for frame in frames] == pytest.approx([0.032 * n for n in range(len(frames))])
        assert len(frames) == sentence.samples.shape[1] // 256


def test_other_rates_are_refused_live() -> None:
    with pytest.raises(ValueError, match="want 8000 Hz, got 16000"):
        SpeechDetector().detect(AudioChunk(pcm=bytes(640), rate=16000, start=0))


def test_synthetic_answer_of_one_syllable_is_speech(korean_voice: Voice) -> None:
    (span,) = speech_spans(in_a_row(quiet(1), korean_voice.speak("네"), quiet(1)))
    assert 0.5 < span.start < 1.2


def test_hours_without_a_pause_are_parted() -> None:
    frames = round(5 * 3600 / FRAME_SECONDS)
    parts = _part(np.ones(frames, np.float32), (0, frames), 875)
    assert (parts[0][0], parts[-1][1]) == (0, frames)
    assert all(one[1] == other[0] for one, other in pairwise(parts))
    assert all(0 < last - first <= 875 for first, last in parts)
