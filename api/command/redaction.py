"""`otklik redact` and `otklik redact-audio`: personal data put out of text and of sound. No server needed."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from analytics.pipeline.pipeline import transcribe_sound
from analytics.pipeline.redaction import redact_transcript
from api.command.json_lines import Row, each_line, text_field
from speech.audio.audio import read_sound, write_wav
from speech.audio.muting import mute
from speech.errors import SpeechError
from speech.recognition.engines import open_recognizer
from speech.redaction.redaction import find_private, put_out
from speech.settings import SpeechSettings
from speech.slots.slots import PACKAGES


def print_redacted(language: str) -> int:
    """Answer each ``{"text"}`` with ``{"text", "spans": [{"start", "end", "kind"}]}``. Returns the exit code.

    The spans count characters of the input.
    """
    if language not in PACKAGES:
        print(f"--language wants one of {', '.join(PACKAGES)}, got {language!r}", file=sys.stderr)
        return 2

    def answer(row: Row) -> Row:
        text = text_field(row)
        spans = find_private(text, language)
        shown = [{"start": span.start, "end": span.end, "kind": span.kind} for span in spans]
        return {"text": put_out(text, spans, language), "spans": shown}

    return each_line(sys.stdin.buffer, answer, sys.stdout.buffer)


def redact_audio(file: Path, out: Path, *, language: str, engine: str, silence: bool) -> int:
    """Recognise a file, put its private parts out and print where they were. Returns the exit code.

    The new file is WAV of the same rate and channels. It appears whole or not at all.
    """
    if problem := _wrong_place(file, out):
        print(problem, file=sys.stderr)
        return 2
    try:
        recognizer = open_recognizer(language, SpeechSettings(engine=engine) if engine else SpeechSettings())
        sound = read_sound(file)
        redaction = redact_transcript(transcribe_sound(sound, recognizer))
        muted = mute(sound, [(span.channel, span.start, span.end) for span in redaction.spans], tone=not silence)
        write_wav(out, muted)
    except (SpeechError, OSError, ValueError) as problem:
        told = str(problem)
        print(told if told.startswith(str(file)) else f"{file}: {told}", file=sys.stderr)
        return 1
    shown = {
        "file": str(file),
        "out": str(out),
        "language": language,
        "engine": redaction.transcript.engine,
        "duration": round(sound.duration, 3),
        "text": " ".join(utterance.text for utterance in redaction.transcript.utterances),
        "spans": [asdict(span) for span in redaction.spans],
    }
    print(json.dumps(shown, ensure_ascii=False))
    return 0


def _wrong_place(file: Path, out: Path) -> str:
    """Why a file cannot be written there; empty if it can."""
    if out.resolve() == file.resolve() or (out.exists() and out.samefile(file)):
        return f"{out}: is the file to redact; name another one with --out"
    if out.is_dir():
        return f"{out}: is a folder; name a file with --out"
    if not out.parent.is_dir():
        return f"{out.parent}: no such folder"
    if out.suffix.lower() not in {".wav", ""}:
        return f"{out}: sound is written as WAV; let --out end with .wav"
    return ""
