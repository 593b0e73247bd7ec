"""Who is taken when many ring: by speech, by keys, by a person, told so, or not at all."""

from __future__ import annotations

import pytest

from ivr.admission import CALLS_A_CORE, LAG_SECONDS, Admission, Bounds, Load, Way, admit, bounds

pytestmark = pytest.mark.unit

BOUNDS = Bounds(calls=4, speech=2, of_number=3, told=2)


@pytest.mark.parametrize(
    ("load", "by_keys", "way"),
    [
        (Load(), True, Way.SPEECH),
        (Load(calls=1, speech=1), False, Way.SPEECH),
        (Load(calls=2, speech=2), True, Way.KEYS),
        (Load(calls=2, speech=2), False, Way.PERSON),
        (Load(calls=1, speech=1, lag=LAG_SECONDS + 0.1), True, Way.KEYS),
        (Load(calls=1, speech=1, lag=LAG_SECONDS + 0.1), False, Way.PERSON),
        (Load(calls=1, speech=1, lag=LAG_SECONDS - 0.1), False, Way.SPEECH),
        (Load(calls=4, speech=1), True, Way.BUSY),
        (Load(calls=9, speech=2), True, Way.BUSY),
        (Load(calls=3, speech=1, of_number=3), True, Way.NUMBER),
        (Load(calls=4, told=2), True, Way.REFUSED),
        (Load(calls=3, of_number=3, told=2), True, Way.REFUSED),
        (Load(calls=1, told=2), True, Way.SPEECH),
    ],
)
def test_decision(load: Load, by_keys: bool, way: Way) -> None:
    assert admit(BOUNDS, load, by_keys=by_keys) is way


def test_any_number_of_calls_of_one_number_where_nothing_bounds_them() -> None:
    free = Bounds(calls=4, speech=4, of_number=0, told=2)
    assert admit(free, Load(calls=3, of_number=3), by_keys=True) is Way.SPEECH


def test_forty_at_once_and_their_end() -> None:
    admission = Admission(BOUNDS)
    ways = [admission.take(f"call-{number}", f"+7916000{number:04}", by_keys=True) for number in range(40)]
    assert [ways.count(way) for way in (Way.SPEECH, Way.KEYS, Way.BUSY, Way.REFUSED)] == [2, 2, 2, 34]
    assert (admission.calls, admission.full) == (4, True)
    admission.leave("call-0")
    admission.leave("call-0")
    assert (admission.calls, admission.full) == (3, False)
    assert admission.take("newcomer", "+79169999999", by_keys=True) is Way.SPEECH
    for number in range(40):
        admission.leave(f"call-{number}")
    admission.leave("newcomer")
    assert admission.load("") == Load()


def test_one_number_does_not_take_all_lines_and_withheld_ones_are_not_one() -> None:
    admission = Admission(Bounds(calls=10, speech=10, of_number=2, told=10))
    ways = [admission.take(str(at), "+79161234567", by_keys=True) for at in range(3)]
    assert ways == [Way.SPEECH, Way.SPEECH, Way.NUMBER]
    assert [admission.take(f"w{at}", "", by_keys=True) for at in range(4)] == [Way.SPEECH] * 4


def test_bounds_come_from_the_settings_or_the_machine() -> None:
    here = bounds(calls=0, speech=0, of_number=3, engine="vosk-0.3.45/model")
    slower = bounds(calls=0, speech=0, of_number=3, engine="faster-whisper-1.2/base")
    assert here.calls >= CALLS_A_CORE
    assert 1 <= slower.speech < here.speech <= here.calls
    said = bounds(calls=5, speech=7, of_number=0, engine="vosk-0.3.45/model")
    assert (said.calls, said.speech, said.told) == (5, 5, 5)
