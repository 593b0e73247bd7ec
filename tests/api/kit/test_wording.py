"""Texts, plural forms, times and numbers on screen."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from api.kit import wording
from api.kit.days import zone
from api.kit.failure_codes import CALL_KINDS, RECORDING_KINDS, call_troubles, recording_trouble
from api.kit.render import templates
from api.kit.translations import LANGUAGES, choose, label, say
from recordings.calls.listing import Kind
from recordings.contacts.call import Outcome, RecordingState
from recordings.results.finding import FindingKind
from speech.recognition.words import Speaker

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_of_the_data_has_a_word(language: str) -> None:
    for name in (*Outcome, Kind.IMPORT, RecordingState.PARKED):
        assert say(language, f"outcome.{name}")
    for state in RecordingState:
        assert say(language, f"state.{state}")
    for speaker in Speaker:
        assert say(language, f"speaker.{speaker}")
    for kind in (*FindingKind, "step"):
        assert say(language, f"kind.{kind}")
    for name in ("silence", "hold", "overlap", "quiet", "loud"):
        assert say(language, f"finding.{name}")
    for trouble in (*(kind for kind, _ in CALL_KINDS), "other"):
        assert say(language, f"trouble.call.{trouble}")
    for trouble in RECORDING_KINDS:
        assert say(language, f"trouble.recording.{trouble}")


@pytest.mark.parametrize(
    ("failure", "kinds"),
    [
        ("", ()),
        ("Asterisk was lost in the middle of the call", ("asterisk_lost",)),
        ("the sound of the call was lost", ("sound_lost",)),
        ("the robot or Asterisk was restarted in the middle of the call", ("restarted",)),
        ("the robot was stopped in the middle of the call", ("stopped",)),
        ("voice: festival does not answer", ("voice",)),
        ("vosk-0.3.45/vosk-model-small-ru-0.22: out of memory", ("hearing",)),
        ("no recording: Asterisk has no sound of this call", ("no_recording",)),
        (
            "voice: gone; the recording has 3 s of a call of 60 s: is Asterisk's disk full?",
            ("voice", "recording_cut"),
        ),
        ("the recording waits with Asterisk: [Errno 28] No space; left", ("recording_waits",)),
        ("KeyError: 'x'; the recording waits with Asterisk: down", ("other", "recording_waits")),
    ],
)
def test_what_broke_in_a_call_is_known_by_its_words(failure: str, kinds: tuple[str, ...]) -> None:
    assert call_troubles(failure) == kinds


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("audio_format", "audio_format"),
        ("sound_missing", "sound_missing"),
        ("FileNotFoundError", "storage"),
        ("OSError", "storage"),
        ("ValueError", "other"),
        ("", "other"),
    ],
)
def test_what_broke_in_a_recording_is_known_by_its_code(code: str, kind: str) -> None:
    assert recording_trouble(code) == kind


@pytest.mark.parametrize(
    ("n", "text"), [(1, "1 звонок"), (2, "2 звонка"), (5, "5 звонков"), (11, "11 звонков"), (21, "21 звонок")]
)
def test_russian_plurals(n: int, text: str) -> None:
    assert say("ru", "calls.count", n=n) == text


def test_an_unknown_name_is_shown_readable() -> None:
    assert label("en", "finding", "long_pause") == "long pause"
    assert label("ru", "language", "ko") == "корейский"


@pytest.mark.parametrize(
    ("wanted", "accept", "language"),
    [
        ("en", "ru", "en"),
        (None, "en-GB,en;q=0.9,ru;q=0.8", "en"),
        (None, "de, ru;q=0.3", "ru"),
        ("xx", "", "ru"),
        (None, "en;q=x", "ru"),
    ],
)
def test_language_of_a_reader(wanted: str | None, accept: str, language: str) -> None:
    assert choose(wanted, accept) == language


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (0, "0:00"), (187.2, "3:07"), (59.6, "1:00"), (3727, "1:02:07")]
)
def test_clock(seconds: float | None, text: str) -> None:
    assert wording.clock(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+79161234567", "+7 916 •••-••-67"),
        ("89161234567", "+7 916 •••-••-67"),
        ("+442079460000", "+442 ••• 00"),
        ("1000", "1000"),
        ("", ""),
    ],
)
def test_numbers_are_masked(number: str, text: str) -> None:
    assert wording.masked(number) == text


def test_times_of_a_list() -> None:
    here, now = zone("Europe/Moscow"), datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    if here.key == "UTC":
        pytest.skip("this machine has no time zones")
    assert wording.when(datetime(2026, 11, 22, 6, 5, tzinfo=UTC), here, "ru", now) == "09:05"
    assert wording.when(datetime(2026, 11, 21, 20, 30, tzinfo=UTC), here, "en", now) == "yesterday, 23:30"
    assert wording.when(datetime(2026, 3, 1, 7, 0, tzinfo=UTC), here, "en", now) == "1 Mar, 10:00"
    assert wording.when(datetime(2025, 3, 1, 7, 0, tzinfo=UTC), here, "en", now) == "1 Mar 2025, 10:00"


@pytest.mark.parametrize("name", ["Moon/Base", "../../etc/passwd", "", "\0"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert zone(name).key == "UTC"


def test_sentiment_has_a_sign_and_a_word() -> None:
    assert wording.signed(-0.42, "ru") == "−0,4"
    assert wording.signed(0.42, "en") == "+0.4"
    assert wording.signed(0.01, "en") == "0.0"
    assert [wording.sentiment_name(v) for v in (0.5, 0.0, -0.5, None)] == ["positive", "neutral", "negative", "none"]


@pytest.mark.parametrize(("language", "score"), [("ru", "97,8"), ("en", "97.8")])
def test_scores_are_written_as_the_reader_writes_numbers(language: str, score: str) -> None:
    parts = templates.env.get_template("quality/_parts.html")
    shown = parts.make_module({"number": partial(wording.number, language=language)})
    assert shown.figure("quality", 97.83) == score  # type: ignore[attr-defined]
    assert shown.figure("quality", 90.0) == "90"  # type: ignore[attr-defined]
    assert shown.figure("quality", None) == "—"  # type: ignore[attr-defined]
