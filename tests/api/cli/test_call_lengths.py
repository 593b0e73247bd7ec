"""The terminal words a call's length as the pages do."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from api.cli.calls import print_conversation
from api.kit.clock import clock
from recordings.calls.detail import ContactDetail
from recordings.calls.listing import Contact, Kind

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(("seconds", "shown"), [(59.6, "1:00"), (3727.0, "1:02:07")])
def test_a_length_is_the_same_in_the_terminal_and_on_the_page(seconds: float, shown: str) -> None:
    written = io.StringIO()
    print_conversation(_lasting(seconds), Console(file=written, width=200))
    assert clock(seconds) == shown
    assert written.getvalue().split()[-1] == shown


def _lasting(seconds: float) -> ContactDetail:
    contact = Contact(
        id="1",
        kind=Kind.IMPORT,
        started_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
        language="ru",
        duration=seconds,
        caller_number="",
        customer_name="",
        filename="long.wav",
        outcome=None,
        consent=True,
        agent="",
        engine="",
        scenario="",
        failure="",
        recording_id=None,
        state=None,
        sentiment=None,
        labels=(),
    )
    return ContactDetail(
        contact=contact,
        call=None,
        customer=None,
        turns=(),
        legs=(),
        callbacks=(),
        recording=None,
        transcript=None,
        engines=(),
        findings=(),
        measures=None,
    )
