"""Texts, plural forms, times and numbers on screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from api.kit import wording
from api.kit.clock import clock
from api.kit.days import zone
from api.kit.failure_codes import RECORDING_CODES, call_codes, recording_code
from api.kit.render import templates
from api.kit.translations import LANGUAGES, choose, label, say
from recordings.calls.listing import Kind
from recordings.contacts.call import Call, Outcome, RecordingState
from recordings.contacts.failure import Failure, FailureCode
from recordings.results.finding import FindingKind
from speech.recognition.words import Speaker
from speech.settings import local_zone

pytestmark = pytest.mark.unit

CALL = Call(
    id="1",
    started_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
    caller_number="",
    extension="1000",
    language="ru",
    scenario="s",
    scenario_version="v",
    engine="vosk",
)


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
    for code in FailureCode:
        assert say(language, f"trouble.call.{code}")
    for name in RECORDING_CODES:
        assert say(language, f"trouble.recording.{name}")


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ((), ()),
        (("voice", "recording_cut"), ("voice", "recording_cut")),
        (("no_recording", "no_recording"), ("no_recording",)),
        (("of_another_version", "voice", "other"), ("other", "voice")),
    ],
)
def test_what_broke_in_a_call_is_shown_by_its_codes(stored: tuple[str, ...], shown: tuple[str, ...]) -> None:
    call = replace(CALL, failures=tuple(Failure(code=code, text=f"{code} broke") for code in stored))
    assert call_codes(call) == shown


def test_without_a_call_nothing_broke_in_it() -> None:
    assert call_codes(None) == ()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("audio_format", "audio_format"),
        ("sound_missing", "sound_missing"),
        ("FileNotFoundError", "storage"),
        ("OSError", "storage"),
        ("database", "database"),
        ("ValueError", "other"),
        ("", "other"),
    ],
)
def test_what_broke_in_a_recording_is_known_by_its_code(code: str, kind: str) -> None:
    assert recording_code(code) == kind


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
    assert clock(seconds) == text


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
def test_an_unknown_zone_is_the_company_s(name: str) -> None:
    assert zone(name) == local_zone()


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
