"""What the exchange says about who rings."""

from __future__ import annotations

import pytest

from ivr.telephony.ari import AriEvent
from ivr.telephony.caller_id import CallerId, caller_id

pytestmark = pytest.mark.unit

NUMBER = "+79161234567"


def arrival(number: str, *handed_over: str) -> AriEvent:
    return AriEvent(type="StasisStart", body={"args": [*handed_over], "channel": {"caller": {"number": number}}})


@pytest.mark.parametrize("presentation", ["allowed", "allowed_not_screened", "allowed_passed_screen"])
def test_a_trunks_number_is_the_networks(presentation: str) -> None:
    assert caller_id(arrival(NUMBER, "1000", "network", presentation)) == CallerId(number=NUMBER, trusted=True)


@pytest.mark.parametrize("came_by", ["network", ""])
@pytest.mark.parametrize("presentation", ["prohib", "prohib_not_screened", "prohib_passed_screen", "unavailable"])
def test_a_withheld_number_is_none_though_the_trunk_knows_it(came_by: str, presentation: str) -> None:
    assert caller_id(arrival(NUMBER, "1000", came_by, presentation)) == CallerId(number="", trusted=False)


@pytest.mark.parametrize(
    "handed_over",
    [
        (),  # an older dialplan
        ("1000",),
        ("1000", "", "allowed_not_screened"),  # a telephone of ours, or a program of this machine
        ("1000", "network", ""),
        ("1000", "network", "allowed_failed_screen"),
        ("1000", "yes", "allowed"),
    ],
)
def test_what_does_not_say_so_is_a_claim(handed_over: tuple[str, ...]) -> None:
    assert caller_id(arrival(NUMBER, *handed_over)) == CallerId(number=NUMBER, trusted=False)


@pytest.mark.parametrize("number", ["anonymous", "phone", "", "Unknown"])
def test_a_name_is_no_number(number: str) -> None:
    found = caller_id(arrival(number, "1000", "network", "allowed"))
    assert (found.digits, found.trusted) == ("", False)
