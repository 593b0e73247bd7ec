"""Where a speaker's feeling turned: one place, with the seconds of both ends."""

from __future__ import annotations

import pytest

from analytics.rules.rule_input import RuleInput
from analytics.rules.sentiment import sentiment
from recordings.results.acoustics import Acoustics
from recordings.results.finding import Finding
from recordings.results.meaning import CallMeaning
from speech.recognition.words import Speaker, Transcript, Utterance

pytestmark = pytest.mark.unit


def call(*felt: float | None, speaker: Speaker = Speaker.CALLER) -> RuleInput:
    """One utterance each ten seconds, five seconds long."""
    utterances = tuple(
        Utterance(speaker=speaker, start=10.0 * at, end=10.0 * at + 5, text=f"слова {at}") for at in range(len(felt))
    )
    duration = 10.0 * len(felt) + 1
    return RuleInput(
        transcript=Transcript(language="ru", engine="test", duration=duration, utterances=utterances),
        acoustics=Acoustics(version="1", duration=duration, speech=((),), levels=((),), lufs=(None,), pitch=(None,)),
        meaning=CallMeaning(version="test", sentiments=felt),
    )


def turns(heard: RuleInput) -> list[Finding]:
    return [finding for finding in sentiment(heard) if finding.label.startswith("turned")]


def test_a_turn_to_the_better_is_proved_by_both_ends() -> None:
    (turn,) = turns(call(-0.8, 0.1, -0.6, None, 0.0, 0.7, 0.9))
    assert (turn.label, turn.value, turn.speaker) == ("turned_positive", 0.75, Speaker.CALLER)
    assert (turn.evidence.start, turn.evidence.end) == (20, 55)
    assert turn.evidence.quote == "слова 2 … слова 5"


def test_a_turn_to_the_worse() -> None:
    (turn,) = turns(call(0.9, 0.5, -0.5, -0.9, -0.9))
    assert (turn.label, turn.value) == ("turned_negative", -0.73)
    assert (turn.evidence.start, turn.evidence.end) == (10, 25)


@pytest.mark.parametrize(
    "felt",
    [
        (),
        (0.9,),
        (-0.9, -0.5, -0.7),
        (-0.3, 0.3, 0.2),  # nothing clear
        (-0.9, 0.1, -0.2, 0.3),
        (-0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5),  # wavers
        (None, None),
    ],
)
def test_no_turn(felt: tuple[float | None, ...]) -> None:
    assert turns(call(*felt)) == []


def test_one_outburst_does_not_hide_a_turn() -> None:
    (turn,) = turns(call(-0.9, -0.8, 0.5, -0.9, -0.7, 0.8, 0.9, 0.9, 0.9))
    assert turn.label == "turned_positive"
    assert (turn.evidence.start, turn.evidence.end) == (40, 55)


def test_of_the_robot_and_of_nobody_in_particular_no_turn_is_told() -> None:
    assert turns(call(-0.9, 0.9, speaker=Speaker.ROBOT)) == []
    assert turns(call(-0.9, 0.9, speaker=Speaker.UNKNOWN)) == []


def test_each_speaker_turns_alone() -> None:
    caller, agent = call(-0.9, -0.9), call(0.9, 0.9, speaker=Speaker.AGENT)
    both = RuleInput(
        transcript=Transcript(
            language="ru",
            engine="test",
            duration=21,
            utterances=(*caller.transcript.utterances, *agent.transcript.utterances),
        ),
        acoustics=caller.acoustics,
        meaning=CallMeaning(version="test", sentiments=(-0.9, -0.9, 0.9, 0.9)),
    )
    assert turns(both) == []
