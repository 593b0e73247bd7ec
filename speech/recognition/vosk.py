"""Vosk: streaming recognition with phrase lists, word times and confidences."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import vosk

from speech.audio.audio import TELEPHONE_RATE, AudioChunk, Sound, chunks, resample
from speech.audio.vad import speech_spans
from speech.errors import EngineError
from speech.recognition.recognizer import Partial
from speech.recognition.words import Speaker, Utterance, Word

logger = logging.getLogger(__name__)
UNKNOWN = "[unk]"
"""Word a grammar gives for speech outside of it, where the model has this word."""

vosk.SetLogLevel(-1)


class VoskRecognizer:
    """One model in memory, some 0.5 GB. Threads may share it: decoding lets go of the interpreter lock."""

    def __init__(self, path: Path, *, language: str) -> None:
        """Load a verified model.

        Raises:
            EngineError: Vosk does not take it for a model.
        """
        try:
            self._model = vosk.Model(str(path))
        except Exception as error:
            raise EngineError(f"Vosk cannot load {path}: {error}") from error
        self.engine = f"vosk-{version('vosk')}/{path.name}"
        self.language = language

    def knows(self, word: str) -> bool:
        """Whether the word is in the model's vocabulary."""
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def live(self, *, phrases: Sequence[str] = (), speaker: Speaker = Speaker.CALLER) -> VoskTurn:
        """Recogniser of one turn; a phrase with a word that the model does not know is left out of the grammar."""
        return VoskTurn(self._model, grammar=self._grammar(phrases), speaker=speaker, channel=0)

    def recognize(self, sound: Sound, *, speaker: Speaker, channel: int) -> tuple[Utterance, ...]:
        sound = resample(sound, TELEPHONE_RATE if sound.rate == TELEPHONE_RATE else 16_000)
        heard = []
        for span in speech_spans(sound):
            turn = VoskTurn(self._model, grammar="", speaker=speaker, channel=channel)
            for chunk in chunks(sound.cut(span.start, span.end), ms=200):
                turn.feed(AudioChunk(pcm=chunk.pcm, rate=chunk.rate, start=span.start + chunk.start))
            heard.append(turn.finish())
        return tuple(utterance for utterance in heard if utterance)

    def _grammar(self, phrases: Sequence[str]) -> str:
        """Phrases as Vosk wants them; empty for free speech."""
        known = [phrase.lower() for phrase in phrases if all(self.knows(word) for word in phrase.lower().split())]
        if len(known) < len(phrases):
            logger.warning("%s does not know all words of: %s", self.engine, set(phrases) - set(known))
        if not known:
            return ""
        return json.dumps([*known, UNKNOWN] if self.knows(UNKNOWN) else known, ensure_ascii=False)


class VoskTurn:
    """One turn of one speaker. A new recogniser each time: one that lives on grows without bound."""

    def __init__(self, model: vosk.Model, *, grammar: str, speaker: Speaker, channel: int) -> None:
        self._model = model
        self._grammar = grammar
        self._speaker = speaker
        self._channel = channel
        self._recognizer: vosk.KaldiRecognizer | None = None
        self._start = self._end = 0.0
        self._words: list[Word] = []
        self._partial = ""

    def feed(self, chunk: AudioChunk) -> Partial:
        """Decode the next chunk of the turn; chunks follow on one another at one rate.

        Raises:
            EngineError: Vosk failed on it.
        """
        if self._recognizer is None:
            wanted = [self._model, chunk.rate, *([self._grammar] if self._grammar else [])]
            self._recognizer = vosk.KaldiRecognizer(*wanted)
            self._recognizer.SetWords(True)
            self._start = chunk.start
        self._end = chunk.end
        try:
            at_pause = self._recognizer.AcceptWaveform(chunk.pcm)
        except Exception as error:
            raise EngineError(f"Vosk failed at {chunk.start:.2f} s: {error}") from error
        if at_pause:  # Vosk ended a sentence of its own accord; our turn goes on
            self._take(self._recognizer.Result())
        else:
            self._partial = _clean(json.loads(self._recognizer.PartialResult())["partial"])
        return Partial(" ".join(filter(None, [*(word.text for word in self._words), self._partial])))

    def finish(self) -> Utterance | None:
        if self._recognizer is None:
            return None
        self._take(self._recognizer.FinalResult())
        self._recognizer = None
        words = tuple(self._words)
        text = " ".join(filter(None, [*(word.text for word in words), self._partial]))
        if not text:
            return None
        sure = [word.confidence for word in words if word.confidence is not None]
        timed = words and not self._partial
        return Utterance(
            speaker=self._speaker,
            start=words[0].start if timed else self._start,
            end=words[-1].end if timed else self._end,
            text=text,
            words=words,
            confidence=sum(sure) / len(sure) if sure else None,
            channel=self._channel,
        )

    def _take(self, result: str) -> None:
        """Keep the words of a finished stretch. Where it is empty after good partials, the last partial stays."""
        found: list[dict[str, Any]] = json.loads(result).get("result", [])
        if found:
            self._partial = ""
        self._words += [
            Word(
                text=word["word"],
                start=self._start + word["start"],
                end=self._start + word["end"],
                confidence=min(1.0, word["conf"]),
            )
            for word in found
            if word["word"] != UNKNOWN
        ]


def _clean(text: str) -> str:
    return " ".join(word for word in text.split() if word != UNKNOWN)
