"""A generated archive: transcripts, acoustics and meanings as the workers would have left them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy import JSON, Engine, Text, bindparam, cast, insert

from bench.rules_talk import talk
from recordings.database import transaction
from recordings.results.acoustics import Acoustics
from recordings.results.finding import Evidence
from recordings.results.meaning import CallMeaning
from recordings.tables import AcousticsRow, MeaningRow, RecordingRow, Table, TranscriptRow
from speech.recognition.words import Speaker, Transcript, Utterance, Word

UTTERANCES, WORDS = 40, 9
"""Of one call: 40 utterances, 9 words each on the average."""


def call_of(seed: int, language: str = "ru") -> tuple[Transcript, Acoustics, CallMeaning]:
    """One call, other for another seed, the same for the same."""
    chance = random.Random(seed)
    words = iter(talk(language, UTTERANCES * WORDS * 3, seed))
    at = 0.5
    utterances: list[Utterance] = []
    speech: tuple[list[tuple[float, float]], ...] = ([], [])
    for number in range(UTTERANCES):
        channel, start, heard = number % 2, at, []
        for _ in range(chance.randint(2, 2 * WORDS - 2)):
            end = at + chance.uniform(0.15, 0.6)
            heard.append(
                Word(text=next(words), start=round(at, 2), end=round(end, 2), confidence=round(chance.random(), 3))
            )
            at = end
        speech[channel].append((round(start, 2), round(at, 2)))
        utterances.append(
            Utterance(
                speaker=(Speaker.CALLER, Speaker.AGENT)[channel],
                start=round(start, 2),
                end=round(at, 2),
                text=" ".join(word.text for word in heard),
                words=tuple(heard),
                confidence=0.8,
                channel=channel,
            )
        )
        at += chance.choices((-0.5, 0.3, 0.6, 1.0, 4.5), (6, 30, 40, 20, 4))[0]
    duration = round(at + 1, 2)
    levels = tuple(
        tuple(
            chance.randint(-30, -18) if any(a <= tenth / 10 < b for a, b in spans) else -80
            for tenth in range(int(duration * 10))
        )
        for spans in speech
    )
    evidence = Evidence(start=1.0, end=2.0, quote="...")
    meaning = CallMeaning(
        version="bench0000000",
        sentiments=tuple(round(chance.uniform(-1, 1), 2) for _ in utterances),
        reason="order_status",
        reason_confidence=0.9,
        reason_evidence=evidence,
        outcome="resolved",
        summary=(evidence,) * 3,
    )
    acoustics = Acoustics(
        version="bench",
        duration=duration,
        speech=(tuple(speech[0]), tuple(speech[1])),
        levels=levels,
        lufs=(-22.5, -20.1),
        pitch=(180.0, None),
        clipped=(0.0, 0.0),
    )
    return (
        Transcript(language=language, engine="bench-1", duration=duration, utterances=tuple(utterances)),
        acoustics,
        meaning,
    )


def fill(engine: Engine, calls: int, *, different: int = 400) -> None:
    """Write ``calls`` recordings; every ``different``-th says the same again, under an id of its own."""
    kinds = [call_of(seed, "ru" if seed % 4 else "en") for seed in range(min(different, calls))]
    bodies = [tuple(orjson.dumps(part.to_json()).decode() for part in kind) for kind in kinds]
    start, ready = datetime(2026, 1, 1, tzinfo=UTC), bindparam("ready", type_=Text)
    body = cast(ready, JSON) if engine.dialect.name == "postgresql" else ready
    for first in range(0, calls, 1000):
        rows: dict[type[Table], list[dict[str, object]]] = {
            table: [] for table in (RecordingRow, TranscriptRow, AcousticsRow, MeaningRow)
        }
        for number in range(first, min(first + 1000, calls)):
            transcript, _, meaning = kinds[number % len(kinds)]
            words, sound, meant = bodies[number % len(kinds)]
            at, name = start + timedelta(minutes=number), str(UUID(int=random.Random(number).getrandbits(128)))
            rows[RecordingRow].append(
                {
                    "id": name, "sha256": f"{number:064x}", "key": f"{number}.flac", "filename": f"{number}.flac",
                    "call_id": None, "language": transcript.language, "duration": transcript.duration, "rate": 8000,
                    "channels": 2, "size": 1, "created_at": at, "state": "analysed", "due_at": at, "worker": "",
                }
            )  # fmt: skip
            row = {"id": name, "recording_id": name, "created_at": at}
            said = {"engine": "bench-1", "language": transcript.language, "text": "", "rank": 0, "ready": words}
            rows[TranscriptRow].append(row | said)
            rows[AcousticsRow].append(row | {"version": "bench", "ready": sound})
            rows[MeaningRow].append(
                row | {"transcript_id": name, "version": meaning.version, "reason": meaning.reason, "ready": meant}
            )
        with transaction(engine) as db:
            for table, values in rows.items():
                wanted = insert(table)
                db.execute(wanted.values(body=body) if "ready" in values[0] else wanted, values)
