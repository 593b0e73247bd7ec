"""What a call is about: the robot's intent model over the caller's words, early ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from analytics.understanding.evidence import proof
from recordings.results.finding import Evidence
from speech.intents.intents import IntentModel, Prediction
from speech.recognition.words import Speaker, Transcript, Utterance
from speech.text.language import data
from speech.text.tokens import listed, tokens

MOST_ASKED = 40
"""Utterances of the caller that are put to the model: a reason is said early, and each costs some 10 ms."""
MOST_PARTS = 120
"""Texts put to the model in all."""
LONG = 9
"""Words from which an utterance is also looked at in stretches …"""
STRETCH = 6
"""… of so many: people say the wish in the middle of a story."""
FEWEST_WORDS = 2
FEWEST_TELLING = 3
"""Words beside greetings and fillers that a reason nobody knows must have."""
FADING = 0.12
"""How much less each later utterance counts: the tenth counts half."""
SURE = 0.5
"""Confidence from which a prediction is believed."""
AGAIN = 0.1
"""What a reason gains when it is said again."""
NO_REASONS = frozenset(("person", "abilities", "angry", "no_recording", "repeat", "yes", "no"))
"""Intents of the conversation itself, not of the call."""

IDLE = {
    "ru": frozenset(
        listed(
            "здравствуйте добрый день вечер утро алло але да нет ага угу ну вот это так э эм слушаю спасибо пожалуйста "
            "меня зовут девушка скажите подскажите хорошо ладно понятно я вы мне у в на и а с что как привет можно"
        )
    ),
    "en": frozenset(
        listed(
            "hello hi hey good morning afternoon evening yes no yeah okay ok well so um uh thanks thank you please my "
            "name is i i'm a the to and it this that me speaking right sure"
        )
    ),
}
ASKING = {
    "ru": frozenset(
        listed(
            "хочу хотел хотела хотели хотелось нужно надо нужен нужна можно где когда почему зачем сколько какой какая "
            "какие куда подскажите вопрос проблема могу можете дело случилось как не узнать уточнить"
        )
    ),
    "en": frozenset(
        listed(
            "want wanted need would like where when why how what which can could question problem issue trouble about "
            "wondering calling not isn't doesn't didn't won't can't"
        )
    ),
}
"""Words by which people put what they want."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What the call was about."""

    intent: str = ""
    """Empty where no intent fits, or there is no model."""
    confidence: float = 0.0
    evidence: Evidence | None = None
    """Evidence; of an unknown reason: where the caller most likely says it. None where nobody says anything."""


def reason(transcript: Transcript, model: IntentModel | None) -> Reason:
    """Find the reason of a call; ``model`` is of the transcript's language, None where there is none."""
    said = [one for one in callers(transcript) if len(tokens(one.text)) >= FEWEST_WORDS][:MOST_ASKED]
    asked = [(at, text) for at, one in enumerate(said) for text in _parts(one.text)][:MOST_PARTS]
    answers = model.predict_many([text for _, text in asked]) if model and asked else []
    scores: dict[str, float] = {}
    best: dict[str, tuple[float, Utterance, Prediction]] = {}
    for (at, _), answer in zip(asked, answers, strict=False):
        intent, utterance = answer.intent, said[at]
        if intent is None or intent in NO_REASONS or answer.confidence < SURE:
            continue
        weight = answer.confidence / (1 + FADING * at)
        if intent not in best or weight > best[intent][0]:
            best[intent] = weight, utterance, answer
        scores[intent] = scores.get(intent, 0.0) + AGAIN * weight
    if not best:
        return Reason(evidence=_unknown(said, transcript.language))
    intent = max(best, key=lambda name: (best[name][0] + scores[name], name))
    _, utterance, answer = best[intent]
    return Reason(intent=intent, confidence=round(answer.confidence, 3), evidence=proof(utterance))


def _parts(text: str) -> list[str]:
    """A phrase whole, and of a long one stretches of the length the model has learned."""
    words = text.split()
    if len(words) < LONG:
        return [text]
    return [text, *(" ".join(words[at : at + STRETCH]) for at in range(0, len(words) - STRETCH // 2, STRETCH // 2))]


def callers(transcript: Transcript) -> list[Utterance]:
    """What the caller says; of a recording whose speakers nobody told apart, everything."""
    found = [one for one in transcript.utterances if one.speaker is Speaker.CALLER]
    return found or [one for one in transcript.utterances if one.speaker is Speaker.UNKNOWN]


def _unknown(said: Sequence[Utterance], language: str) -> Evidence | None:
    """The early utterance that says most of what is wanted."""
    everyday, asking = _everyday(language), ASKING.get(language, frozenset())
    best: tuple[float, Utterance] | None = None
    for at, utterance in enumerate(said[: MOST_ASKED // 4]):
        words = tokens(utterance.text)
        telling = {word for word in words if word not in IDLE.get(language, ()) and not word.isdecimal()}
        if len(telling) < FEWEST_TELLING or " ".join(words) in everyday:
            continue
        asks = not asking.isdisjoint(words)
        score = (min(len(telling), 12) + 6 * asks) / (1 + 2 * FADING * at)
        if best is None or score > best[0]:
            best = score, utterance
    return proof(best[1]) if best else None


@cache
def _everyday(language: str) -> frozenset[str]:
    """What people say to anyone about anything."""
    file = data(language, "small_talk.txt")
    return (
        frozenset(" ".join(tokens(line)) for line in file.read_text("utf-8").splitlines())
        if file.is_file()
        else frozenset()
    )
