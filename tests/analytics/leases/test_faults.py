"""What an error says of itself decides whether work is tried again."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

import analytics.alerts.file
import analytics.dictionary.rule_set
from analytics.errors import AnalyticsError, JobFault, NotDelivered
from analytics.leases.faults import failure_code, failure_text, judge
from analytics.settings import AnalyticsSettings
from recordings.errors import CallGoesOn, RecordingsError, SoundMissing
from recordings.leases import BackOff
from speech.errors import AudioFormatError, ModelDamaged, ModelMissing, SpeechError

pytestmark = pytest.mark.unit

DECLARED_ELSEWHERE = (analytics.alerts.file, analytics.dictionary.rule_set)
BACK_OFF = BackOff(first=10, longest=600, most_attempts=5)
GONE = OperationalError("SELECT 1", {}, ConnectionRefusedError("refused"))

Fault = type[AnalyticsError | RecordingsError | SpeechError]


def below(root: Fault) -> list[Fault]:
    return [root, *(found for child in root.__subclasses__() for found in below(child))]


EVERY = [found for root in (AnalyticsError, RecordingsError, SpeechError) for found in below(root)]


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.__name__)
def test_every_error_of_ours_decides_by_its_own_word(fault: Fault) -> None:
    verdict = judge(fault.__new__(fault), attempts=4, back_off=BACK_OFF)
    assert verdict.again_in == (fault.retry_after if fault.retryable else None)
    assert (verdict.counted, verdict.foreseen) == (False, True)
    assert failure_code(fault.__new__(fault)) == fault.code
    assert 0 < len(fault.code) <= 32


def test_codes_are_told_apart() -> None:
    codes = [fault.code for fault in EVERY]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (ModelMissing("none"), 300),
        (ModelDamaged("cut"), 300),
        (CallGoesOn("talks"), 60),
        (NotDelivered("503"), 60),
        (FileNotFoundError("gone"), 60),
        (PermissionError("no"), 60),
        (GONE, 5),
    ],
)
def test_faults_that_pass_never_count(error: Exception, seconds: float) -> None:
    for attempts in (1, 5, 500):
        verdict = judge(error, attempts=attempts, back_off=BACK_OFF)
        assert (verdict.again_in, verdict.counted, verdict.foreseen) == (seconds, False, True)


@pytest.mark.parametrize("error", [AudioFormatError("noise"), SoundMissing("key"), JobFault("no rule set 7")])
def test_faults_of_the_thing_itself_give_up_at_once(error: Exception) -> None:
    assert judge(error, attempts=1, back_off=BACK_OFF).again_in is None


def test_an_unforeseen_fault_is_tried_after_growing_waits_and_given_up() -> None:
    verdicts = [judge(ZeroDivisionError("by nothing"), attempts=n, back_off=BACK_OFF) for n in range(1, 7)]
    assert [verdict.again_in for verdict in verdicts] == [10, 20, 40, 80, None, None]
    assert not any(verdict.foreseen for verdict in verdicts)
    assert all(verdict.counted for verdict in verdicts)


def test_the_settings_say_how_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_MAX_ATTEMPTS", "2")
    back_off = AnalyticsSettings().back_off
    assert [back_off.is_over(failures=count) for count in (1, 2)] == [False, True]
    assert [back_off.wait(count) for count in (1, 2, 3, 9)] == [10, 20, 40, 600]


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (
            FileNotFoundError(2, "No such file", "a.wav"),
            "storage",
            "FileNotFoundError: [Errno 2] No such file: 'a.wav'",
        ),
        (GONE, "database", "the database: refused"),
        (ZeroDivisionError("by nothing"), "ZeroDivisionError", "ZeroDivisionError: by nothing"),
        (ModelMissing("no model"), "model_missing", "ModelMissing: no model"),
    ],
)
def test_what_is_kept_of_an_error(error: Exception, code: str, text: str) -> None:
    assert (failure_code(error), failure_text(error)) == (code, text)
