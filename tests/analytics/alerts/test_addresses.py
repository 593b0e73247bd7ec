"""Where webhooks may go, by address."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_address

import pytest

from analytics.alerts.addresses import is_outside, may_reach, reachable
from analytics.errors import NotDelivered

pytestmark = pytest.mark.unit

INSIDE = """
127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 0.1.2.3
224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1
:: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::7f00:1 fe80::1 fec0::1 fc00::1 fd00:ec2::254 ff02::1
64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1 2002:7f00:1:: 2002:a00:1:: 2001:0:7f00:1:: 2001:db8::1 100::1
"""
OUTSIDE = "1.1.1.1 8.8.8.8 77.88.8.8 ::ffff:8.8.8.8 2606:4700::1111 2a02:6b8::feed:ff 64:ff9b::808:808 2002:808:808::1"


@pytest.mark.parametrize("text", INSIDE.split())
def test_inside(text: str) -> None:
    assert not is_outside(ip_address(text))
    assert not may_reach(ip_address(text), [])


@pytest.mark.parametrize("text", OUTSIDE.split())
def test_outside(text: str) -> None:
    assert is_outside(ip_address(text))


def test_a_network_that_is_named_may_be_reached() -> None:
    named = [IPv4Network("10.1.2.0/24")]
    assert may_reach(ip_address("10.1.2.3"), named)
    assert may_reach(ip_address("::ffff:10.1.2.3"), named)
    assert not may_reach(ip_address("10.1.3.3"), named)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "017700000001", "::1", "0"])
def test_names_and_odd_spellings_of_this_machine(host: str) -> None:
    with pytest.raises(NotDelivered, match=r"OTKLIK_WEBHOOK_NETWORKS|is not known"):
        reachable(host, 80, allowed=[], seconds=5)


@pytest.mark.parametrize("host", ["a" * 300, "xn--\u00df", "..", "\ud800", "a\x00b", "nowhere.invalid"])
def test_names_that_are_none(host: str) -> None:
    with pytest.raises(NotDelivered):
        reachable(host, 80, allowed=[], seconds=5)
