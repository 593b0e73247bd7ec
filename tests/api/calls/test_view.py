"""What the page of a call shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from api.calls.view import Stage, scenario_steps, stage, view
from recordings.calls.detail import ContactDetail
from recordings.calls.listing import Contact, Kind
from recordings.contacts.call import Call, Leg, Outcome, Recording, RecordingState, Turn
from recordings.contacts.failure import Failure
from recordings.results.finding import Evidence, Finding, FindingKind, Measures
from speech.recognition.words import Speaker, Transcript, Utterance, Word

pytestmark = pytest.mark.unit

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CALL = Call(
    id="1.7",
    started_at=NOON,
    caller_number="+79161234567",
    extension="1000",
    language="ru",
    scenario="order_status",
    scenario_version="0" * 12,
    engine="vosk",
    ended_at=NOON + timedelta(minutes=1),
    outcome=Outcome.HANDED_OVER,
)
RECORDING = Recording(
    id="r",
    sha256="0" * 64,
    key="a.wav",
    filename="a.wav",
    language="ru",
    duration=60.0,
    rate=8000,
    channels=2,
    size=1000,
    created_at=NOON,
    state=RecordingState.ANALYSED,
    call_id="1.7",
)
WORDS = tuple(
    Word(text=text, start=at, end=at + 0.5, confidence=sure)
    for text, at, sure in [("верните", 1.0, 0.9), ("мне", 1.5, 0.4), ("деньги", 2.0, None)]
)
TRANSCRIPT = Transcript(
    language="ru",
    engine="whisper",
    duration=60,
    utterances=(
        Utterance(speaker=Speaker.CALLER, start=1, end=2.5, text="верните мне деньги", words=WORDS),
        Utterance(speaker=Speaker.AGENT, start=30, end=32, text="сейчас верну", channel=1),
    ),
)
REFUND = Finding(
    kind=FindingKind.KEYWORD,
    label="возврат",
    speaker=Speaker.CALLER,
    evidence=Evidence(start=1.5, end=2.5, quote="мне деньги"),
)
ANGER = Finding(
    kind=FindingKind.SENTIMENT,
    label="negative",
    speaker=Speaker.CALLER,
    evidence=Evidence(start=1.0, end=2.5),
    value=-0.6,
)
HOLD = Finding(kind=FindingKind.SILENCE, label="silence", speaker=Speaker.UNKNOWN, evidence=Evidence(start=2.5, end=30))
UNRECORDED = Failure(code="no_recording", text="POST … answered 500")
FOUND = ContactDetail(
    contact=Contact(
        id="1.7",
        kind=Kind.CALL,
        started_at=NOON,
        language="ru",
        duration=60,
        caller_number="",
        customer_name="",
        filename="",
        outcome=None,
        consent=True,
        agent="",
        engine="",
        scenario="",
        failure="",
        recording_id="r",
        state=None,
        sentiment=None,
        labels=(),
    ),
    call=CALL,
    customer=None,
    turns=(),
    legs=(Leg(call_id="1.7", speaker=Speaker.AGENT, channel="PJSIP/agent", started=29.8),),
    callbacks=(),
    recording=RECORDING,
    transcript=TRANSCRIPT,
    engines=("whisper",),
    findings=(REFUND, ANGER, HOLD),
    measures=Measures(duration=60, talk_seconds={"caller": 1.5, "agent": 2.0}),
)


def test_words_of_a_keyword_stand_together() -> None:
    first, _ = view(FOUND, NOON).said
    assert [(" ".join(w.text for w in piece.words), piece.label) for piece in first.pieces] == [
        ("Верните", ""),
        ("мне деньги.", "возврат"),
    ]
    assert first.mood == "negative"


def test_the_agent_joins_before_the_first_turn_after_the_hand_over() -> None:
    assert [turn.joins for turn in view(FOUND, NOON).said] == [False, True]


def test_an_utterance_without_words_is_one_piece_with_its_own_times() -> None:
    (piece,) = view(FOUND, NOON).said[1].pieces
    assert [(w.text, w.start, w.end) for w in piece.words] == [("сейчас верну", 30, 32)]


def test_marks_stand_in_the_lane_of_their_speaker() -> None:
    shown = view(FOUND, NOON)
    assert [(mark.kind, mark.tone, mark.lane) for mark in shown.marks] == [
        ("keyword", "keyword", 0),
        ("sentiment", "negative", 0),
        ("silence", "silence", None),
    ]
    assert shown.kinds == (("keyword", 1), ("sentiment", 1), ("silence", 1))


def test_lanes_name_who_is_heard() -> None:
    assert [lane.speakers for lane in view(FOUND, NOON).lanes] == [
        (Speaker.CALLER,),
        (Speaker.ROBOT, Speaker.AGENT),
    ]
    stereo = replace(FOUND, call=None, legs=())
    assert [lane.speakers for lane in view(stereo, NOON).lanes] == [(Speaker.CALLER,), (Speaker.AGENT,)]
    mono = replace(stereo, transcript=None, findings=(), recording=replace(RECORDING, channels=1))
    assert [lane.speakers for lane in view(mono, NOON).lanes] == [(Speaker.UNKNOWN,)]


def test_live_turns_stand_in_until_there_is_a_transcript() -> None:
    turns = (
        Turn(number=0, speaker=Speaker.ROBOT, node="greeting", start=0, end=1, text="Здравствуйте"),
        Turn(number=1, speaker=Speaker.CALLER, node="greeting", start=2, end=2, text="[1]"),
        Turn(number=2, speaker=Speaker.CALLER, node="greeting", start=3, end=4, text=""),
    )
    said = view(replace(FOUND, transcript=None, turns=turns, findings=()), NOON).said
    assert [turn.pieces[0].words[0].text for turn in said] == ["Здравствуйте", "[1]"]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, Stage.DONE),
        ({"call": replace(CALL, ended_at=None), "recording": None}, Stage.LIVE),
        ({"recording": None}, Stage.WAITING),
        ({"recording": None, "call": replace(CALL, consent=False)}, Stage.SILENT),
        ({"recording": None, "call": replace(CALL, failures=(UNRECORDED,))}, Stage.SILENT),
        ({"recording": None, "call": replace(CALL, ended_at=NOON - timedelta(hours=1))}, Stage.SILENT),
        ({"recording": replace(RECORDING, state=RecordingState.TRANSCRIBED)}, Stage.WAITING),
        ({"recording": replace(RECORDING, state=RecordingState.PARKED)}, Stage.PARKED),
    ],
)
def test_stages(changes: dict[str, object], wanted: Stage) -> None:
    assert stage(replace(FOUND, **changes), NOON + timedelta(seconds=90)) is wanted  # type: ignore[arg-type]


def test_turns_of_one_node_are_one_step() -> None:
    said = [("greeting", 0, 3), ("greeting", 4, 6), ("", 6, 7), ("ask", 8, 9), ("greeting", 11, 12)]
    turns = tuple(
        Turn(number=number, speaker=Speaker.ROBOT, node=node, start=start, end=end, text="а")
        for number, (node, start, end) in enumerate(said)
    )
    steps = [(step.node, step.start, step.end) for step in scenario_steps(turns)]
    assert steps == [("greeting", 0, 8), ("ask", 8, 11), ("greeting", 11, 12)]
    assert list(scenario_steps(())) == []
