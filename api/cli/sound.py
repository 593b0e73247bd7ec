"""Sound files: `otklik transcribe`, `analyse`, `redact-audio` (no server needed), and `import` into the archive."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import AsJson, Engine, Files, Language, account, app, refuse
from api.kit.clock import clock

if TYPE_CHECKING:
    from speech.audio.audio import Sound
    from speech.errors import SpeechError
    from speech.recognition.words import Transcript

SOUND_FILES = {
    ".wav",
    ".mp3",
    ".ogg",
    ".opus",
    ".oga",
    ".flac",
    ".m4a",
    ".mp4",
    ".aac",
    ".webm",
    ".gsm",
    ".amr",
    ".wma",
}
"""Endings looked for in folders; a file that is named is tried whatever it is called."""


@app.command("transcribe")
def transcribe(files: Files, language: Language, engine: Engine = "", as_json: AsJson = False) -> None:
    """Recognise the speech of sound files, each channel apart. Needs no server."""
    failed = False
    for file, result in _transcribed(files, language=language, engine=engine):
        if isinstance(result, Exception):
            failed = True
            continue
        _, transcript = result
        if as_json:
            print(json.dumps(_words(file, transcript), ensure_ascii=False))
        else:
            _print_transcript(file, transcript)
    raise typer.Exit(1 if failed else 0)


@app.command("analyse")
def analyse(files: Files, language: Language, engine: Engine = "", as_json: AsJson = False) -> None:
    """Recognise sound files and look for keywords, sentiment, silences, overlaps and loudness. Needs no server."""
    from analytics.dictionary import load_rule_set
    from analytics.pipeline.acoustics import acoustics_of
    from analytics.pipeline.examination import examine
    from analytics.rules.rule_input import RuleInput
    from analytics.settings import AnalyticsSettings

    rule_set = load_rule_set(AnalyticsSettings().dictionaries_dir)
    failed = False
    for file, result in _transcribed(files, language=language, engine=engine):
        if isinstance(result, Exception):
            failed = True
            continue
        sound, transcript = result
        heard = RuleInput(transcript=transcript, acoustics=acoustics_of(sound), meaning=None)
        made = examine(heard, rule_set, now=datetime.now(UTC))
        meaning, analysis = made.heard.meaning, made.analysis
        if as_json:
            line = _words(file, transcript) | asdict(analysis) | {"meaning": meaning.to_json() if meaning else None}
            print(json.dumps(line, ensure_ascii=False))
            continue
        _print_transcript(file, transcript)
        for finding in analysis.findings:
            seconds = f"{clock(finding.evidence.start)}–{clock(finding.evidence.end)}"
            print(f"  {seconds}  {finding.kind}: {finding.label}  {finding.speaker}  {finding.evidence.quote}")
    raise typer.Exit(1 if failed else 0)


@app.command("redact-audio")
def redact_audio(
    file: Annotated[Path, typer.Argument(exists=True, readable=True, dir_okay=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="WAV to write; never the file itself.")],
    language: Language = "ru",
    engine: Engine = "",
    silence: Annotated[bool, typer.Option("--silence", help="Silence instead of a tone.")] = False,
) -> None:
    """Recognise a sound file and put a tone over the personal data in it; prints where. Needs no server."""
    from analytics.pipeline.pipeline import transcribe_sound
    from recordings.redaction.redaction import redact_transcript
    from speech.audio.audio import read_sound, write_wav
    from speech.audio.muting import mute
    from speech.errors import SpeechError
    from speech.recognition.engines import open_recognizer
    from speech.settings import SpeechSettings

    if problem := _wrong_place(file, out):
        refuse(problem, code=2)
    try:
        recognizer = open_recognizer(language, SpeechSettings(engine=engine) if engine else SpeechSettings())
        sound = read_sound(file)
        redaction = redact_transcript(transcribe_sound(sound, recognizer))
        muted = mute(sound, [(span.channel, span.start, span.end) for span in redaction.spans], tone=not silence)
        write_wav(out, muted)  # whole or not at all
    except (SpeechError, OSError, ValueError) as fault:
        told = str(fault)
        refuse(told if told.startswith(str(file)) else f"{file}: {told}")
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


@app.command("import")
def import_files(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Files, or folders to search for sound.")],
    language: Language,
) -> None:
    """Take recordings into the archive for the workers. A file already there is not taken twice."""
    from api.cli.follow import console, followed, told_why, with_database
    from api.installation.installation import open_database
    from api.operations.processing import order_import
    from recordings.jobs import JobState
    from speech.text.language import languages

    if language not in languages():
        refuse(f"language {language!r} is not known; known are: {', '.join(languages())}")
    files = [file for path in paths for file in _sound_files(path)]
    if not files:
        refuse("no sound files there; looked for " + " ".join(sorted(SOUND_FILES)))
    here = with_database(open_database())
    job = order_import(here.engine, [str(file.absolute()) for file in files], language=language, by=account())
    done = followed(here, job, doing="importing")
    result = done.result
    for fault in result.get("faults", ()):
        console.print(f"{fault['file']}: {fault['fault']}", style="red", markup=False)
    if done.state is not JobState.DONE:
        told_why(done)
    counted = f"{result['taken']} taken, {result['known']} were there already, {done.failed} failed"
    console.print(counted, style="red" if done.failed else "")
    if result["waiting"]:
        unreached = "no queue was reached; the workers find them once `otklik up` runs"
        console.print(f"{result['waiting']} wait in the table: {unreached}")
    raise typer.Exit(1 if done.failed else 0)


def _transcribed(
    files: Sequence[Path], *, language: str, engine: str
) -> Iterator[tuple[Path, tuple[Sound, Transcript] | SpeechError]]:
    """Each file with its words; one that fails is told, and the others go on."""
    from analytics.pipeline.pipeline import transcribe_sound
    from speech.audio.audio import read_sound
    from speech.errors import SpeechError
    from speech.recognition.engines import open_recognizer
    from speech.settings import SpeechSettings

    try:
        recognizer = open_recognizer(language, SpeechSettings(engine=engine) if engine else SpeechSettings())
    except SpeechError as error:
        refuse(error)
    for number, file in enumerate(files, start=1):
        print(f"[{number}/{len(files)}] {file}", file=sys.stderr)
        try:
            sound = read_sound(file)
            yield file, (sound, transcribe_sound(sound, recognizer))
        except SpeechError as error:
            print(f"{file}: {error}", file=sys.stderr)
            yield file, error


def _words(file: Path, transcript: Transcript) -> dict[str, Any]:
    return {"file": str(file), **transcript.to_json()}


def _print_transcript(file: Path, transcript: Transcript) -> None:
    print(f"{file}  {clock(transcript.duration)}  {transcript.engine}")
    for utterance in transcript.utterances:
        print(f"  {clock(utterance.start)} {utterance.speaker:<7} {utterance.text}")


def _sound_files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.suffix.lower() in SOUND_FILES)
    return [path]


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
