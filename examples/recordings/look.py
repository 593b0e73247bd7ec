"""Looks at a folder of recordings without server, queue or database, as the workers do with each file.

    python examples/recordings/look.py FOLDER --language en

WAV, MP3, Opus, M4A, FLAC: whatever FFmpeg decodes. Stereo: the caller is left. One line a finding, with the seconds
that prove it. To keep recordings for the pages: ``otklik import FOLDER --language en``.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from analytics.dictionary import load_rule_set
from analytics.pipeline.acoustics import acoustics_of
from analytics.pipeline.examination import examine
from analytics.pipeline.pipeline import transcribe_sound
from analytics.rules.rule_input import RuleInput
from analytics.settings import AnalyticsSettings
from speech.audio.audio import read_sound
from speech.errors import SpeechError
from speech.recognition.engines import open_recognizer
from speech.settings import SpeechSettings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", default="en")
    given = parser.parse_args()
    recognizer = open_recognizer(given.language, SpeechSettings())
    rules = load_rule_set(AnalyticsSettings().dictionaries_dir)
    failed = 0
    for file in sorted(path for path in given.folder.rglob("*") if path.is_file()):
        try:
            sound = read_sound(file)
            transcript = transcribe_sound(sound, recognizer)
        except SpeechError as error:
            print(f"{file.name}: {error}", file=sys.stderr)
            failed += 1
            continue
        heard = RuleInput(transcript=transcript, acoustics=acoustics_of(sound), meaning=None)
        made = examine(heard, rules, now=datetime.now(UTC))
        print(f"{file.name}: {sound.duration:.0f} s, {transcript.engine}")
        for said in transcript.utterances:
            print(f"  {said.start:6.1f} s  {said.speaker}: {said.text}")
        for finding in made.analysis.findings:
            proof = finding.evidence
            print(f"  {proof.start:6.1f}–{proof.end:.1f} s  {finding.kind} {finding.label}  {proof.quote}".rstrip())
        print(f"  words that may be shown: {' / '.join(said.text for said in made.redaction.transcript.utterances)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
