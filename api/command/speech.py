"""Sound files on the command line: `otklik transcribe`, `otklik analyse` (no server needed) and `otklik import`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from analytics.dictionary import load_rule_set
from analytics.pipeline.acoustics import acoustics_of
from analytics.pipeline.pipeline import examine, transcribe_sound
from analytics.settings import AnalyticsSettings
from api.command.calls import clock
from api.command.follow import COMMAND_LINE, followed, parts_over, told_why
from api.installation.installation import open_database
from recordings.database import transaction
from recordings.jobs import JobState, start_job
from speech.audio.audio import Sound, read_sound
from speech.errors import SpeechError
from speech.recognition.engines import open_recognizer
from speech.recognition.words import Transcript
from speech.settings import SpeechSettings
from speech.text.language import languages

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

console = Console(stderr=True, highlight=False, soft_wrap=True)


def transcribe_files(files: Sequence[Path], *, language: str, engine: str, as_json: bool) -> int:
    """Recognise each channel of each file; a file that fails is told and the others go on."""
    failed = 0
    for file, result in _transcribed(files, language=language, engine=engine):
        if isinstance(result, SpeechError):
            failed += 1
            continue
        _, transcript = result
        if as_json:
            print(json.dumps(_words(file, transcript), ensure_ascii=False))
        else:
            _print_transcript(file, transcript)
    return 1 if failed else 0


def analyse_files(files: Sequence[Path], *, language: str, engine: str, as_json: bool) -> int:
    """Recognise and examine each file; a file that fails is told and the others go on."""
    rule_set = load_rule_set(AnalyticsSettings().dictionaries_dir)
    failed = 0
    for file, result in _transcribed(files, language=language, engine=engine):
        if isinstance(result, SpeechError):
            failed += 1
            continue
        sound, transcript = result
        meaning, analysis = examine(transcript, acoustics_of(sound), rule_set)
        if as_json:
            line = _words(file, transcript) | asdict(analysis) | {"meaning": meaning.to_json()}
            print(json.dumps(line, ensure_ascii=False))
            continue
        _print_transcript(file, transcript)
        for finding in analysis.findings:
            seconds = f"{clock(finding.evidence.start)}–{clock(finding.evidence.end)}"
            print(f"  {seconds}  {finding.kind}: {finding.label}  {finding.speaker}  {finding.evidence.quote}")
    return 1 if failed else 0


def import_paths(paths: Sequence[Path], *, language: str) -> int:
    """Take files into the archive; workers transcribe and analyse them, after the calls of the day."""
    if language not in languages():
        console.print(f"language {language!r} is not known; known are: {', '.join(languages())}", style="red")
        return 1
    files = [file for path in paths for file in _sound_files(path)]
    if not files:
        console.print("no sound files there; looked for " + " ".join(sorted(SOUND_FILES)), style="red")
        return 1
    here = parts_over(open_database())
    wanted = {"files": [str(file.absolute()) for file in files], "language": language}
    with transaction(here.engine) as db:
        job = start_job(db, "import", wanted, total=len(files), by=COMMAND_LINE)
    done = followed(here, job, doing="importing")
    result = done.result
    for fault in result.get("faults", ()):
        console.print(f"{fault['file']}: {fault['fault']}", style="red", markup=False)
    if done.state is not JobState.DONE:
        return told_why(done)
    taken, known = result["taken"], result["known"]
    counted = f"{taken} taken, {known} were there already, {done.failed} failed"
    console.print(counted, style="red" if done.failed else "")
    if result["waiting"]:
        unreached = "no queue was reached; the workers find them once `otklik up` runs"
        console.print(f"{result['waiting']} wait in the table: {unreached}")
    return 1 if done.failed else 0


def _transcribed(
    files: Sequence[Path], *, language: str, engine: str
) -> Iterator[tuple[Path, tuple[Sound, Transcript] | SpeechError]]:
    settings = SpeechSettings(engine=engine) if engine else SpeechSettings()
    try:
        recognizer = open_recognizer(language, settings)
    except SpeechError as error:
        console.print(str(error), style="red", markup=False)
        raise SystemExit(1) from error
    for number, file in enumerate(files, start=1):
        console.print(f"[{number}/{len(files)}] {file}", style="dim", markup=False)
        try:
            sound = read_sound(file)
            yield file, (sound, transcribe_sound(sound, recognizer))
        except SpeechError as error:
            console.print(f"{file}: {error}", style="red", markup=False)
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
