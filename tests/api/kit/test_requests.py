"""Parts of a request and what comes of them: ranges, filters, addresses, peaks."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from api.calls.pages import wanted_of
from api.calls.waveform import peaks
from api.kit.days import zone
from api.kit.links import local
from api.kit.problems import Problem
from api.kit.security_headers import content_policy
from api.kit.sound import Span, media_type_of, wanted_span
from recordings.calls.listing import Kind, Wanted
from recordings.contacts.call import Outcome, RecordingState
from speech.audio.audio import Sound

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("bytes=0-", Span(0, 999)),
        ("bytes=0-0", Span(0, 0)),
        ("bytes=100-199", Span(100, 199)),
        ("bytes=900-5000", Span(900, 999)),
        ("bytes=-100", Span(900, 999)),
        ("bytes=-5000", Span(0, 999)),
        ("Bytes = 5 - 9", Span(5, 9)),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=1-2,5-6", None),
        ("lines=1-2", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_ranges(header: str | None, span: Span | None) -> None:
    assert wanted_span(header, 1000) == span


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_outside_is_refused_with_the_size(header: str) -> None:
    with pytest.raises(Problem) as refused:
        wanted_span(header, 1000)
    assert refused.value.status == 416
    assert refused.value.headers == {"Content-Range": "bytes */1000"}


@pytest.mark.parametrize(
    ("key", "media_type"),
    [
        ("a/b.wav", "audio/wav"),
        ("a.MP3", "audio/mpeg"),
        ("a.html", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_sound_is_never_sent_as_a_page(key: str, media_type: str) -> None:
    assert media_type_of(key) == media_type


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "/calls\nSet-Cookie: a=b",
    ],
)
def test_nobody_is_sent_elsewhere(target: str) -> None:
    assert local(target) == "/"


def test_own_addresses_are_kept() -> None:
    assert local("/calls/1.7?t=12.5") == "/calls/1.7?t=12.5"


def test_filters_of_an_address() -> None:
    here = zone("UTC")
    asked = {"q": "заказ", "outcome": "callback", "language": "ru", "since": "2026-11-01", "until": "2026-11-02"}
    assert wanted_of(asked, here) == Wanted(
        text="заказ",
        outcome=Outcome.CALLBACK,
        language="ru",
        since=datetime(2026, 11, 1, tzinfo=UTC),
        until=datetime(2026, 11, 3, tzinfo=UTC),
    )
    assert wanted_of({"outcome": "parked"}, here).state is RecordingState.PARKED
    assert wanted_of({"outcome": "import"}, here).kind is Kind.IMPORT


@pytest.mark.parametrize(
    "asked", [{"outcome": "lost"}, {"since": "yesterday"}, {"until": "0001-01-01"}, {"until": "9999-12-31"}]
)
def test_filters_without_sense_do_not_filter(asked: dict[str, str]) -> None:
    assert wanted_of(asked, zone("Europe/Moscow")) == Wanted()


def test_peaks_are_the_loudest_samples() -> None:
    samples = np.zeros((2, 1000), dtype=np.int16)
    samples[0, 250], samples[1, 999] = -32768, 16384
    left, right = peaks(Sound(samples=samples, rate=8000), points=10)
    assert left == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert right == [0] * 9 + [0.5]


def test_a_very_short_sound_has_a_peak_a_frame() -> None:
    assert peaks(Sound(samples=np.ones((1, 3), dtype=np.int16), rate=8000)) == [[0, 0, 0]]


def test_the_policy_admits_no_inline_code() -> None:
    policy = dict(part.split(" ", 1) for part in content_policy("abc").split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self' 'nonce-abc'"
    assert "unsafe" not in content_policy("abc")
