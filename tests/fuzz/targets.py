"""Every reader of what comes from outside: how inputs for it are made, what it does with them, what it may raise."""

from __future__ import annotations

import asyncio
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from analytics.alerts import AlertsError, read_alerts
from analytics.alerts.channels import _letter
from analytics.dictionary.matcher import Matcher
from analytics.dictionary.reading import read_dictionary
from analytics.errors import Gone
from analytics.quality.scorecard_file import read_scorecard
from analytics.understanding.entities import entities
from analytics.understanding.promises import promises
from api.chat.pages import _frame, _Odd
from api.chat.shapes import Hello, Look, MessageIn, Say
from api.chat.webhook import own_words
from api.cli.json_lines import BadLine, read_row
from api.kit.problems import Problem
from api.kit.sound import wanted_span
from ivr.business.http import ReplyIn
from ivr.business.protocol import REQUESTS
from ivr.business.replies import checked
from ivr.call.handoff import invite_variables
from ivr.dialog.actions import Say as SayAction
from ivr.dialog.actions import Transfer
from ivr.dialog.dialog import step
from ivr.dialog.events import Answered, Pressed, Silent
from ivr.dialog.state import State, begin, fitting
from ivr.errors import BusinessError, ConversationError, ScenarioError
from ivr.faq.article import read_article
from ivr.scenario.scenario import load
from ivr.simulation.conversation_file import read as read_conversations
from ivr.telephony.ari import event_of
from ivr.telephony.recorder import join
from recordings.alerts.alerts import Delivery, DeliveryState, receiver_of
from recordings.audio.intake import _ending
from recordings.errors import NotAPhone, PolicyWrong
from recordings.privacy.retention_policy import read_policy
from recordings.privacy.spellings import Spellings
from recordings.privacy.subject import subject_from
from speech.audio.audio import read_sound
from speech.display.display import displayed
from speech.display.formatting import KINDS as SHOWN_KINDS
from speech.display.formatting import shown, spoken
from speech.errors import AudioFormatError
from speech.intents.splitting import parts
from speech.recognition.words import Speaker, Transcript, Utterance
from speech.redaction.masks import masked, masked_email, masked_filename
from speech.redaction.redaction import find_private, redact_text
from speech.slots.inverse_text_normalization import written as digits_written
from speech.slots.slots import KINDS, corrected, find_slot
from speech.text.phrases import best_match, yes_no
from speech.text.sentences import sentences
from speech.yaml_source import FileRefused, read_yaml
from tests.fuzz import examples
from tests.fuzz.making import Dice, Make, damaged, grown, mutated, raw, written

NOW = datetime(2026, 11, 30, 12)  # noqa: DTZ001 (the caller's clock)
MOMENT = datetime(2026, 11, 30, 12, tzinfo=UTC)
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One reader."""

    make: Make
    attack: Callable[[Any], object]
    """Reads an input; ends well, or by one of ``refusals``. Anything else is a fault of ours."""
    refusals: tuple[type[Exception], ...] = ()


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="otklik-fuzz-"))


def _file(name: str, text: str) -> Path:
    file = _folder() / name
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    return file


def _yaml(text: str) -> None:
    for as_texts in (False, True):
        try:
            source = read_yaml(text, "a.yaml", as_texts=as_texts)
        except FileRefused as refused:
            lines = [problem.line for problem in refused.problems]
            if not lines or min(lines) < 1:
                raise AssertionError("a refusal tells what is wrong, and where") from refused
        else:
            json.dumps(str(source.data)[:1000])


def _scenario(text: str) -> None:
    scenario = load(_file("scenario.yaml", text))
    state, _ = step(scenario, begin(scenario), Answered(facts={"caller.number": "+79162345678"}))
    for event in (Silent(node=state.node), Pressed(key="1"), Silent(node=state.node)):
        if not state.finished:
            state, _ = step(scenario, state, event)
    State.from_json(json.loads(json.dumps(state.to_json())))


def _article(text: str) -> None:
    found, problems = read_article(_file("article.md", text))
    assert (found is None) == bool(problems)


def _scorecard(text: str) -> None:
    card, problems = read_scorecard(text)
    assert (card is None) == bool(problems)


def _dictionary(text: str) -> None:
    for language in LANGUAGES:
        reading = read_dictionary(text, language, Path("a.yaml"))
        phrases = [phrase for category in reading.categories for phrase in _phrases(category.condition)]
        if not reading.problems:
            Matcher(phrases, language).places((text.lower().split() * 3)[:300])


def _phrases(condition: Any) -> Any:
    if condition.term:
        yield from condition.term.phrases
    for below in (*condition.every, *condition.some, *condition.unless):
        yield from _phrases(below)


def _message(text: str) -> None:
    message = MessageIn.model_validate_json(text.encode("utf-8", "surrogatepass"))
    words = own_words(message.text)
    assert len(words) <= 20_000
    words.encode()


class _Socket:
    def __init__(self, text: str) -> None:
        self._text = text

    async def receive_text(self) -> str:
        return self._text


def _chat(text: str) -> None:
    body = _run(_frame(_Socket(text), 60))  # type: ignore[arg-type]
    if body.get("type") == "say":
        Say.model_validate(body).text.encode()
    else:
        (Look if body.get("type") == "look" else Hello).model_validate(body)


def _run(work: Any) -> Any:
    return _loop().run_until_complete(work)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def _redaction(said: tuple[int, str]) -> None:
    draw, text = said
    language = ("ru", "en", "ru", "en", "de")[draw % 5]
    end = 0
    for span in find_private(text, language):
        assert end <= span.start < span.end <= len(text), span
        end = span.end
    once = redact_text(text, language)
    assert redact_text(once, language) == once, once


def _slots(said: tuple[int, str]) -> None:
    draw, text = said
    language = LANGUAGES[draw % 2]
    for kind in (KINDS[draw % len(KINDS)], KINDS[draw // 16 % len(KINDS)]):
        found = find_slot(text, kind, language, now=NOW)
        json.dumps(found.value, allow_nan=False)
    corrected(text, language)


def _spoken_numbers(said: tuple[int, str]) -> None:
    draw, text = said
    digits_written(text, LANGUAGES[draw % 2])
    displayed(Utterance(speaker=Speaker.CALLER, start=0, end=1, text=text), LANGUAGES[draw % 2])


def _values(said: tuple[int, str]) -> None:
    draw, text = said
    for kind in SHOWN_KINDS:
        for value in (text, text[:12], text.partition(" ")[0]):
            shown(value, kind, (*LANGUAGES, "ko")[draw % 3])
            spoken(value, kind, (*LANGUAGES, "ko")[draw % 3])


def _meaning(said: tuple[int, str]) -> None:
    draw, text = said
    language = LANGUAGES[draw % 2]
    choices = {"a": ("да", "yes", "первый"), "b": ("нет спасибо", "no thanks", text[:40])}
    yes_no(text, language)
    best_match(text, choices, language)
    utterances = tuple(
        Utterance(speaker=speaker, start=at, end=at + 1, text=text)
        for at, speaker in enumerate((Speaker.AGENT, Speaker.CALLER)[: 1 + draw % 2])
        if text.strip()
    )
    transcript = Transcript(language=language, engine="e", duration=9, utterances=utterances)
    promises(transcript, now=MOMENT)
    entities(transcript, now=MOMENT)
    parts(text)
    sentences(text)


def _phones(text: str) -> None:
    masked(text)
    masked_email(text)
    for language in LANGUAGES:
        subject = subject_from(text, language)
        assert subject.value, subject
        spelled = Spellings(subject)
        assert len(spelled.masked(text)) == len(text)
        list(spelled.places_in_bytes(text.encode("utf-8", "replace")))


def _names(text: str) -> None:
    masked_filename(text)
    assert len(_ending(text)) <= 9


def _header(text: str) -> None:
    for size in (0, 1, 1000, 10**12):
        span = wanted_span(text, size)
        assert span is None or 0 <= span.first <= span.last < size


def _reply(text: str) -> None:
    try:
        reply = ReplyIn.model_validate_json(text.encode("utf-8", "surrogatepass")).reply()
    except ValidationError:
        return
    for request in REQUESTS:
        try:
            found = checked(request, reply)
        except BusinessError as refused:
            if len(str(refused)) > 1000:
                raise AssertionError("too long for a log") from refused
        else:
            str(found).encode()


def _ari(text: str) -> None:
    event = event_of(text)
    if event:
        f"{event.type} {event.channel} {event.name}".strip()
        assert isinstance(event.body, dict)


def _state(text: str) -> None:
    body = json.loads(text)
    state = State.from_json(body)
    scenario = examples.scenario()
    if state.node in scenario.nodes and not state.finished:
        state = fitting(scenario, state)
        state, _ = step(scenario, state, Silent(node=state.node))
        state.to_json()


def _handover(text: str) -> None:
    said = tuple(text.split("\n"))
    transfer = Transfer(
        summary=SayAction(node="a", text=text),
        said=said,
        facts={"caller.number": text[:40], "order.number": text[:9]},
        reason=text[:20],
    )
    for value in invite_variables(transfer, call_id="1.7", language="ru").values():
        assert value.isascii()
        assert "\n" not in value


def _delivery(text: str) -> None:
    rules = read_alerts(text)
    for rule in rules.rules:
        for channel, targets in (("mail", rule.mail), ("webhook", rule.webhook)):
            for target in targets:
                assert receiver_of(channel, target)
        for address in rule.mail:
            body = {"title": next(iter(rule.title.values())), "language": "ru", "quote": text[:100], "at": "x"}
            delivery = Delivery(
                id="1", alert_id="1", channel="mail", target=address, body=body, state=DeliveryState.WAITING,
                attempts=1,
                due_at=MOMENT, log=(), created_at=MOMENT,
            )  # fmt: skip
            try:
                _letter(delivery, "otklik@example.com").as_bytes()
            except Gone:
                continue


def _spooled(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        left, right, both = (Path(name) / side for side in ("in", "out", "both.wav"))
        left.write_bytes(body)
        right.write_bytes(body[::-1])
        assert join(left, right, both) >= 0


def _sound(body: bytes) -> None:
    sound = read_sound(io.BytesIO(body), longest=60)
    assert sound.rate > 0
    assert sound.duration <= 61


WORDS = written(examples.RUSSIAN, examples.ENGLISH, most=160)


def _said(dice: Dice) -> tuple[int, str]:
    """A number that tells the language and the like, and words."""
    return dice.below(256), WORDS(dice)


TARGETS: Mapping[str, Target] = {
    "yaml": Target(make=mutated(examples.YAML, examples.DICTIONARY), attack=_yaml),
    "scenario": Target(make=mutated(*examples.SCENARIOS), attack=_scenario, refusals=(ScenarioError,)),
    "conversations": Target(
        make=mutated(examples.CONVERSATIONS),
        attack=lambda text: read_conversations(_file("talk.yaml", text)),
        refusals=(ConversationError,),
    ),
    "article": Target(make=mutated(*examples.ARTICLES), attack=_article),
    "retention": Target(
        make=mutated(examples.RETENTION),
        attack=lambda text: read_policy(_file("retention.yaml", text)),
        refusals=(PolicyWrong,),
    ),
    "alerts": Target(make=mutated(*examples.ALERTS), attack=_delivery, refusals=(AlertsError,)),
    "scorecard": Target(make=mutated(examples.SCORECARD), attack=_scorecard, refusals=(FileRefused,)),
    "dictionary": Target(make=mutated(examples.DICTIONARY), attack=_dictionary),
    "webhook": Target(make=grown(*examples.MESSAGES), attack=_message, refusals=(ValidationError,)),
    "mail": Target(make=mutated(*examples.MAILS), attack=own_words),
    "chat": Target(make=grown(*examples.FRAMES), attack=_chat, refusals=(ValidationError, _Odd)),
    "redaction": Target(make=_said, attack=_redaction),
    "slots": Target(make=_said, attack=_slots),
    "numbers": Target(make=_said, attack=_spoken_numbers),
    "values": Target(make=_said, attack=_values),
    "meaning": Target(make=_said, attack=_meaning),
    "phones": Target(make=written(examples.PHONES), attack=_phones, refusals=(NotAPhone,)),
    "names": Target(make=mutated(*examples.NAMES), attack=_names),
    "range": Target(make=written("bytes = - , 0 1 5 999 bytes=0-5 -5 items"), attack=_header, refusals=(Problem,)),
    "reply": Target(make=grown(*examples.REPLIES), attack=_reply),
    "ari": Target(make=grown(*examples.EVENTS), attack=_ari),
    "state": Target(make=grown(*examples.states()), attack=_state, refusals=(ValidationError, ValueError)),
    "handover": Target(make=WORDS, attack=_handover),
    "json lines": Target(
        make=grown({"text": "да", "id": 1}, {"text": "yes", "language": "en"}),
        attack=lambda text: read_row(text.encode("utf-8", "surrogatepass")),
        refusals=(BadLine,),
    ),
    "sound": Target(make=damaged(*examples.sounds()), attack=_sound, refusals=(AudioFormatError,)),
    "spooled": Target(make=damaged(*examples.sounds()[:1]), attack=_spooled),
    "bytes": Target(make=raw, attack=lambda body: read_yaml(body, "a.yaml"), refusals=(FileRefused,)),
}
