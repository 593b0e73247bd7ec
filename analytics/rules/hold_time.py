"""When the caller is made to wait: on the way from the robot to a person, and when somebody asks them to hold the line.

Recordings carry no sign of a hold key, so the second is told by words: an agent who asks for a moment, and a long
silence right after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.rules.rule_input import RuleInput
from speech.audio.acoustics import gaps, union
from speech.audio.vad import Span
from speech.recognition.words import Speaker, Utterance
from speech.text.tokens import tokens

LONG = 4.0
"""Seconds of silence from which it counts."""
AFTER = 2.0
"""Seconds after the request in which the silence begins."""
LAST_WORDS = 12
"""Words at the end of an utterance in which the request stands."""
REQUESTS: Mapping[str, tuple[str, ...]] = {
    "ru": (
        "минуту", "минутку", "минуточку", "секунду", "секундочку", "секундочка", "минуточка", "момент", "подождите",
        "повисите", "ожидайте", "оставайтесь на линии", "не кладите трубку", "побудьте на линии", "сейчас проверю",
        "сейчас посмотрю", "сейчас уточню",
    ),
    "en": (
        "hold on", "one moment", "a moment", "just a minute", "one minute", "a second", "one second", "bear with me",
        "please hold", "hold the line", "hang on", "let me check", "stay on the line", "let me have a look",
    ),
}  # fmt: skip


def holds(heard: RuleInput) -> tuple[Span, ...]:
    """Stretches in which the caller waits, by time, none touching the next."""
    waits = [] if (transfer := _transfer(heard)) is None else [transfer]
    for gap in gaps(heard.speech, heard.acoustics.duration):
        if gap.duration >= LONG and (said := last_before(heard.transcript.utterances, gap)) is not None:
            near = gap.start - said.end <= AFTER
            if near and said.speaker in {Speaker.AGENT, Speaker.ROBOT} and _asks(said, heard.transcript.language):
                waits.append(gap)
    return tuple(union([waits]))


def last_before(utterances: Sequence[Utterance], gap: Span) -> Utterance | None:
    """Whose words end last before a gap; words may end a little later than the detector hears it."""
    before = [said for said in utterances if said.start < gap.start and said.end < gap.end]
    return max(before, key=lambda said: said.end, default=None)


def _transfer(heard: RuleInput) -> Span | None:
    """From the end of the robot's last words to the agent's joining."""
    last = max((said.end for said in heard.transcript.utterances if said.speaker is Speaker.ROBOT), default=None)
    joined = min(heard.call.agent_from or 0.0, heard.acoustics.duration)
    return Span(start=last, end=joined) if last is not None and last < joined else None


def _asks(said: Utterance, language: str) -> bool:
    words = " ".join(tokens(said.text)[-LAST_WORDS:])
    return any(f" {request} " in f" {words} " for request in REQUESTS.get(language, ()))
