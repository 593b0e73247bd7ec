"""One call in Russian and one in English, whole: sound, words, findings, figures. For the tests of pages and interface.

The sound is bursts of noise where somebody speaks; a voice may be given instead.
"""

from __future__ import annotations

import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from recordings.audio import intake
from recordings.audio_store import AudioStore
from recordings.calls import call_log
from recordings.contacts.call import Call, Customer, Leg, Outcome, Recording, Turn
from recordings.customers import cards
from recordings.database import transaction
from recordings.redaction.redacted import hide_transcript
from recordings.results import results
from recordings.results.finding import Evidence, Finding, FindingKind, Measures
from recordings.tables import RecordingRow, RedactionRow
from speech.recognition.words import Speaker, Transcript, Utterance, Word

RATE = 8000
Voice = Callable[[str, Speaker], NDArray[np.int16]]
"""Samples at ``RATE`` of a text in somebody's voice."""

C, R, A = Speaker.CALLER, Speaker.ROBOT, Speaker.AGENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One turn of the example. ``keyword`` is ``label: words``; ``pause`` is the seconds before it."""

    speaker: Speaker
    node: str
    text: str
    keyword: str = ""
    mood: float = 0.0
    pause: float = 0.6


RUSSIAN = (
    Line(
        speaker=R,
        node="greeting",
        text="Здравствуйте, Анна! Это магазин «Отклик». Разговор записывается. Чем помочь?",
    ),
    Line(
        speaker=C,
        node="greeting",
        text="здравствуйте где мой заказ я жду уже вторую неделю это просто безобразие",
        keyword="где заказ: где мой заказ",
        mood=-0.7,
    ),
    Line(speaker=R, node="ask_number", text="Назовите, пожалуйста, номер заказа."),
    Line(speaker=C, node="ask_number", text="четыре один два семь", pause=1.2),
    Line(
        speaker=R,
        node="tell",
        text="Заказ четыре, один, два, семь передан курьеру. Привезут завтра. Помочь чем-то ещё?",
    ),
    Line(
        speaker=C,
        node="anything_else",
        text="соедините меня с человеком я хочу вернуть деньги",
        keyword="возврат денег: вернуть деньги",
        mood=-0.4,
    ),
    Line(speaker=R, node="to_person", text="Соединяю с оператором. Оставайтесь на линии."),
    Line(
        speaker=A,
        node="",
        text="здравствуйте Анна меня зовут Пётр вижу что заказ задержался приношу извинения",
        keyword="извинение: приношу извинения",
        mood=0.3,
        pause=4.5,
    ),
    Line(speaker=C, node="", text="да я уже думала отказаться но если завтра точно привезут то подожду"),
    Line(speaker=A, node="", text="завтра до двенадцати курьер позвонит за час", pause=-0.7),
    Line(speaker=C, node="", text="хорошо спасибо большое вы очень помогли", mood=0.8),
    Line(speaker=A, node="", text="спасибо за терпение хорошего дня", mood=0.5),
)
ENGLISH = (
    Line(speaker=R, node="greeting", text="Hello Anna, this is the Otklik shop. The call is recorded. How can I help?"),
    Line(
        speaker=C,
        node="greeting",
        text="hello where is my order i have been waiting for two weeks this is terrible",
        keyword="where is my order: where is my order",
        mood=-0.7,
    ),
    Line(speaker=R, node="ask_number", text="Please tell me the order number."),
    Line(speaker=C, node="ask_number", text="four one two seven", pause=1.2),
    Line(
        speaker=R,
        node="tell",
        text="Order four, one, two, seven is with the courier and comes tomorrow. Anything else?",
    ),
    Line(
        speaker=C,
        node="anything_else",
        text="let me talk to a person i want my money back",
        keyword="refund: money back",
        mood=-0.4,
    ),
    Line(speaker=R, node="to_person", text="I will put you through. Please stay on the line."),
    Line(
        speaker=A,
        node="",
        text="hello Anna this is Peter i can see the order is late i am sorry about that",
        keyword="apology: i am sorry",
        mood=0.3,
        pause=4.5,
    ),
    Line(speaker=C, node="", text="i thought of cancelling but if it really comes tomorrow i can wait"),
    Line(speaker=A, node="", text="the courier rings you an hour before noon at the latest", pause=-0.7),
    Line(speaker=C, node="", text="all right thank you very much you have been great", mood=0.8),
    Line(speaker=A, node="", text="thank you for your patience have a nice day", mood=0.5),
)
CONVERSATIONS = {"ru": RUSSIAN, "en": ENGLISH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What was stored."""

    call: Call
    recording: Recording
    transcript: Transcript
    handover: float
    """Seconds from the start at which the agent joined."""


def noise(text: str, speaker: Speaker) -> NDArray[np.int16]:
    """A stand-in for a voice: noise that rises and falls with the syllables."""
    frames = int(RATE * 0.055 * len(text))
    shape = 0.4 + 0.6 * np.abs(np.sin(np.linspace(0, len(text) / 2, frames)))
    loud = {C: 5000, R: 9000, A: 7000}[speaker]
    return (np.random.default_rng(len(text)).uniform(-1, 1, frames) * shape * loud).astype(np.int16)


def write_call(
    engine: Engine,
    store: AudioStore,
    *,
    language: str = "ru",
    call_id: str = "1795327401.7",
    started: datetime | None = None,
    voice: Voice = noise,
) -> Example:
    """Store the example as the robot and the workers would."""
    started = started or datetime.now(UTC) - timedelta(minutes=12)
    sound, utterances = _sound(CONVERSATIONS[language], voice)
    duration = sound.shape[1] / RATE
    handover = next(u.start for u in utterances if u.speaker is A) - 0.4
    call = Call(
        id=call_id,
        started_at=started,
        answered_at=started + timedelta(seconds=2),
        caller_number="+79161234567",
        extension="1000",
        language=language,
        scenario="order_status",
        scenario_version="3f9a1c07be42",
        engine=f"vosk-0.3.45/vosk-model-small-{language}",
    )
    with transaction(engine) as db:
        customer = cards.save_customer(
            db, Customer(id="7", name="Анна Смирнова", phone=call.caller_number, language="ru")
        )
        call_log.open_call(db, call)
        summary = (
            "Заказ 4127 задержался, просит вернуть деньги."
            if language == "ru"
            else "Order 4127 is late, wants a refund."
        )
        call_log.update_call(db, call_id, customer_id=customer.id, agent="PJSIP/agent", summary=summary)
        call_log.note_leg(
            db, Leg(call_id=call_id, speaker=C, channel="PJSIP/phone-00000001", started=0, ended=duration)
        )
        call_log.note_leg(
            db, Leg(call_id=call_id, speaker=A, channel="PJSIP/agent-00000002", started=handover, ended=duration)
        )
        lines = zip(CONVERSATIONS[language], utterances, strict=True)
        for number, (line, heard) in enumerate(sorted(lines, key=lambda pair: pair[1].start)):
            if line.node:
                call_log.note_turn(db, call_id, _turn(number, line, heard, call.engine))
        ended = started + timedelta(seconds=2 + duration)
        call_log.close_call(db, call_id, ended_at=ended, outcome=Outcome.HANDED_OVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "call.wav"
        write_stereo(path, sound)
        recording, _ = intake.register(
            engine, store, path, filename=f"{call_id}.wav", language=language, call_id=call_id
        )
    transcript = Transcript(
        language=language,
        engine="faster-whisper-1.2.1/whisper-base",
        duration=duration,
        utterances=tuple(sorted(utterances, key=lambda u: u.start)),
    )
    with transaction(engine) as db:
        results.insert_transcript_once(db, recording.id, transcript)
        newest = results.best_transcript(db, recording.id)
        assert newest is not None
        results.insert_analysis_once(
            db,
            recording_id=recording.id,
            transcript_id=newest[0],
            rule_set="0123456789ab",
            measures=_measures(transcript),
            findings=_findings(CONVERSATIONS[language], utterances),
        )
        db.get_one(RecordingRow, recording.id).state = "analysed"
        hidden = hide_transcript(transcript)
        db.add(
            RedactionRow(
                id=f"redaction-{call_id}",
                transcript_id=newest[0],
                recording_id=recording.id,
                version="0123456789ab",
                body=hidden.to_json(),
                text=" ".join(said.text for said in hidden.utterances),
                spans=[],
                created_at=datetime.now(UTC),
            )
        )
    return Example(call=call, recording=recording, transcript=transcript, handover=handover)


def write_stereo(path: Path, sound: NDArray[np.int16]) -> None:
    """A WAV file of ``sound``, shape (channels, frames)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[0])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.T.astype("<i2").tobytes())


def _sound(lines: tuple[Line, ...], voice: Voice) -> tuple[NDArray[np.int16], list[Utterance]]:
    at, placed, utterances = 0.0, [], []
    for line in lines:
        at += line.pause
        samples = voice(line.text, line.speaker)
        end = at + len(samples) / RATE
        words = tuple(_words(line.text, at, end, sure=line.speaker is R))
        utterances.append(
            Utterance(
                speaker=line.speaker,
                start=at,
                end=end,
                text=line.text,
                words=words,
                channel=0 if line.speaker is C else 1,
                confidence=0.9,
            )
        )
        placed.append((int(at * RATE), 0 if line.speaker is C else 1, samples))
        at = end
    sound = np.random.default_rng(1).integers(-40, 40, (2, int((at + 0.8) * RATE)), dtype=np.int16)
    for start, channel, samples in placed:
        sound[channel, start : start + len(samples)] += samples
    return sound, utterances


def _words(text: str, start: float, end: float, *, sure: bool) -> list[Word]:
    pieces = text.split()
    letters = sum(len(piece) for piece in pieces)
    words, at = [], start
    for number, piece in enumerate(pieces):
        length = (end - start) * len(piece) / letters
        confidence = 0.98 if sure else 0.42 if number % 7 == 5 else 0.91
        words.append(Word(text=piece, start=round(at, 2), end=round(at + length, 2), confidence=confidence))
        at += length
    return words


def _turn(number: int, line: Line, heard: Utterance, engine: str) -> Turn:
    mine = line.speaker is R
    return Turn(
        number=number,
        speaker=line.speaker,
        node=line.node,
        start=heard.start,
        end=heard.end,
        text=line.text,
        confidence=None if mine else 0.86,
        engine="" if mine else engine,
        words=() if mine else heard.words,
    )


def _findings(lines: tuple[Line, ...], utterances: list[Utterance]) -> list[Finding]:
    found = []
    for line, heard in zip(lines, utterances, strict=True):
        if line.keyword:
            label, _, phrase = line.keyword.partition(": ")
            texts, wanted = [word.text for word in heard.words], phrase.split()
            first = next(i for i in range(len(texts)) if texts[i : i + len(wanted)] == wanted)
            evidence = Evidence(
                start=heard.words[first].start, end=heard.words[first + len(wanted) - 1].end, quote=phrase
            )
            found.append(Finding(kind=FindingKind.KEYWORD, label=label, speaker=line.speaker, evidence=evidence))
        if abs(line.mood) >= 0.4:
            evidence = Evidence(start=heard.start, end=heard.end, quote=line.text)
            label = "positive" if line.mood > 0 else "negative"
            found.append(
                Finding(
                    kind=FindingKind.SENTIMENT, label=label, speaker=line.speaker, evidence=evidence, value=line.mood
                )
            )
    for before, after in pairwise(utterances):
        if after.start - before.end > 3:
            evidence = Evidence(start=before.end, end=after.start)
            found.append(Finding(kind=FindingKind.SILENCE, label="silence", speaker=Speaker.UNKNOWN, evidence=evidence))
        if after.start < before.end:
            evidence = Evidence(start=after.start, end=before.end)
            found.append(Finding(kind=FindingKind.OVERLAP, label="overlap", speaker=Speaker.UNKNOWN, evidence=evidence))
    quiet = utterances[3]
    evidence = Evidence(start=quiet.start, end=quiet.end)
    found.append(Finding(kind=FindingKind.LOUDNESS, label="quiet", speaker=C, evidence=evidence, value=-38.0))
    return found


def _measures(transcript: Transcript) -> Measures:
    talk = {s.value: sum(u.end - u.start for u in transcript.utterances if u.speaker is s) for s in (C, R, A)}
    words = {s.value: sum(len(u.words) for u in transcript.utterances if u.speaker is s) for s in (C, R, A)}
    return Measures(
        duration=transcript.duration,
        talk_seconds=talk,
        silence_share=1 - sum(talk.values()) / transcript.duration,
        overlap_seconds=0.7,
        words_per_minute={s: 60 * words[s] / talk[s] for s in talk},
        loudness_dbfs=(-24.1, -19.6),
        caller_pitch_hz=214.4,
        sentiment={"caller": -0.2, "agent": 0.4},
        sentiment_by_quarter={"caller": (-0.7, None, -0.4, 0.4), "agent": (None, None, 0.3, 0.5)},
    )
