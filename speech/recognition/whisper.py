"""faster-whisper: recordings, and live calls where no Vosk model of the language can be had.

Whisper invents text on silence and noise, so speech is found by VAD first, decoding is greedy at temperature 0 without
memory of what was said before, and stretches that bear the marks of invention are dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.transcribe import Segment
from numpy.typing import NDArray

from speech.audio.audio import AudioChunk, Sound, as_float, mono, resample
from speech.audio.vad import SPEECH, SpeechDetector, speech_spans
from speech.errors import EngineError
from speech.recognition.recognizer import Partial
from speech.recognition.words import Speaker, Utterance, Word
from speech.text.language import pack
from speech.text.tokens import tokens

RATE = 16_000
"""Hz, what Whisper wants."""
MOST_COMPRESSION = 2.4
"""Letters to a byte of packed text; text that packs better repeats itself: Whisper was caught in a loop."""
LEAST_LOG_PROBABILITY = -1.0
"""Mean log probability of a stretch; below it and likely silent, it is invented."""
MOST_SILENCE = 0.6
"""Likelihood of silence above which a doubtful stretch is dropped."""

PAUSE = 0.25
"""Seconds of silence after which a live turn is decoded, while the listener still waits whether more will come."""
CAPTION = 8
"""Letters from which a stretch in capitals is a caption of some noise and not an abbreviation."""
MARGIN = 300
"""Frames of 10 ms left of the silence that fills the 30 s up. Below 150 the word error rate doubles."""


class _ShortModel(WhisperModel):  # type: ignore[misc]  # the library's only seam
    """Encodes what there is, and not always 30 s: a phone answer takes a third of the time and is heard as well.

    On 40 human prompts at 8 kHz a language the word error rate stayed (ru .142 → .151, en .057 → .054), while
    processor time went from 2.7 to 1.1 s and from 2.3 to 0.7 s.
    """

    def encode(self, features: NDArray[np.float32]) -> Any:
        """Encode features of shape (80, frames), which `transcribe` has filled up with zeros."""
        content = int(np.flatnonzero(features.any(axis=0)).max(initial=0)) + 1
        frames = min(features.shape[-1], content + MARGIN) // 2 * 2  # the encoder halves it
        return super().encode(np.ascontiguousarray(features[:, :frames]))


@cache
def _load(path: Path, threads: int) -> WhisperModel:
    """One copy in memory serves every language."""
    return _ShortModel(str(path), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)


MOST_TOKENS_START, MOST_TOKENS_A_SECOND = 16, 12.0
"""Nobody speaks faster; without a bound Whisper may repeat itself for ten seconds over a short row of digits."""


class WhisperRecognizer:
    """One model for one language. Threads may share it; they are decoded one after another."""

    def __init__(self, path: Path, *, language: str, threads: int) -> None:
        """Load a verified model.

        Raises:
            EngineError: CTranslate2 does not take it for a model.
        """
        try:
            self._model = _load(path, threads)
        except (RuntimeError, ValueError, OSError) as error:
            raise EngineError(f"Whisper cannot load {path}: {error}") from error
        self._invented = {" ".join(tokens(text)) for text in pack(language).invented}
        self.engine = f"faster-whisper-{version('faster-whisper')}/{path.name}"
        self.language = language

    def live(
        self,
        *,
        phrases: Sequence[str] = (),  # noqa: ARG002  Whisper has no grammar
        speaker: Speaker = Speaker.CALLER,
    ) -> WhisperTurn:
        """Recogniser of one turn: it collects the sound and decodes it at the pauses."""
        return WhisperTurn(self, speaker=speaker)

    def recognize(self, sound: Sound, *, speaker: Speaker, channel: int) -> tuple[Utterance, ...]:
        heard = []
        for span in speech_spans(sound):
            words = self.words(sound.cut(span.start, span.end), start=span.start)
            if words:
                heard.append(_utterance(words, speaker=speaker, channel=channel))
        return tuple(heard)

    def words(self, sound: Sound, *, start: float) -> list[Word]:
        """Words of at most 30 s of mono speech that begins at ``start`` seconds.

        Raises:
            EngineError: CTranslate2 failed.
        """
        try:
            segments, _ = self._model.transcribe(
                as_float(resample(sound, RATE)),
                language=self.language,
                beam_size=1,
                temperature=0.0,
                condition_on_previous_text=False,
                word_timestamps=True,
                max_new_tokens=MOST_TOKENS_START + round(MOST_TOKENS_A_SECOND * sound.duration),
            )
            kept = [segment for segment in segments if not self._is_invented(segment)]
        except RuntimeError as error:
            raise EngineError(f"Whisper failed on {sound.duration:.1f} s of sound: {error}") from error
        words: list[Word] = []
        for segment in kept:
            for piece in segment.words or ():
                end = float(start + min(piece.end, sound.duration))
                if words and piece.word.strip() and not piece.word[0].isspace():
                    whole = words[-1]  # the rest of "чем-нибудь" or "4-1-2-7", which Whisper gives apart
                    sure = min(whole.confidence or 0.0, float(piece.probability))
                    words[-1] = replace(whole, text=whole.text + piece.word.strip(), end=end, confidence=sure)
                elif piece.word.strip():
                    begin = float(start + min(piece.start, sound.duration))
                    text = piece.word.strip()
                    words.append(Word(text=text, start=begin, end=end, confidence=float(piece.probability)))
        return words

    def _is_invented(self, segment: Segment) -> bool:
        text = segment.text.strip()
        # Whisper's own ratio counts bytes, which would take plain Russian for a loop
        compression = segment.compression_ratio * len(text) / max(1, len(text.encode()))
        return bool(
            compression > MOST_COMPRESSION
            or (segment.no_speech_prob > MOST_SILENCE and segment.avg_logprob < LEAST_LOG_PROBABILITY)
            or (text.isupper() and len(text) >= CAPTION)  # as ТРЕВОЖНАЯ МУЗЫКА
            or " ".join(tokens(text)) in self._invented
        )


class WhisperTurn:
    """One turn of one speaker, decoded at each pause: where the turn ends with one, its words are there already."""

    def __init__(self, recognizer: WhisperRecognizer, *, speaker: Speaker) -> None:
        self._recognizer = recognizer
        self._speaker = speaker
        self._detector = SpeechDetector()
        self._chunks: list[AudioChunk] = []
        self._words: list[Word] = []
        self._last_speech = 0.0
        """Seconds at which speech was last heard."""
        self._decoded_to: float | None = None
        """The last speech that the words cover; None before any decoding."""

    def feed(self, chunk: AudioChunk) -> Partial:
        """Take the next chunk of the turn, at the telephone rate. Decodes when a pause begins.

        Raises:
            EngineError: CTranslate2 failed.
        """
        self._chunks.append(chunk)
        for frame in self._detector.detect(chunk):
            if frame.probability >= SPEECH:
                self._last_speech = frame.end
        if self._last_speech and chunk.end - self._last_speech >= PAUSE and self._decoded_to != self._last_speech:
            self._decode()
        return Partial(" ".join(word.text for word in self._words))

    def finish(self) -> Utterance | None:
        if not self._chunks:
            return None
        if self._decoded_to != self._last_speech:
            self._decode()
        self._chunks.clear()
        return _utterance(self._words, speaker=self._speaker, channel=0) if self._words else None

    def _decode(self) -> None:
        first = self._chunks[0]
        sound = mono(b"".join(chunk.pcm for chunk in self._chunks), first.rate)
        self._words = [
            word
            for span in speech_spans(sound, min_silence=2.0)
            for word in self._recognizer.words(sound.cut(span.start, span.end), start=first.start + span.start)
        ]
        self._decoded_to = self._last_speech


def _utterance(words: Sequence[Word], *, speaker: Speaker, channel: int) -> Utterance:
    return Utterance(
        speaker=speaker,
        start=words[0].start,
        end=max(words[-1].end, words[0].start + 0.02),  # Whisper may give a lone word no length
        text=" ".join(word.text for word in words),
        words=tuple(words),
        confidence=float(np.mean([word.confidence for word in words])),
        channel=channel,
    )
