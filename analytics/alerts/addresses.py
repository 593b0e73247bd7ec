"""Where a webhook may go: addresses of the internet, and those networks that the installation names.

Who writes alerts on the pages is not thereby let into the company's network. A name is looked up here, the addresses
found are judged, and one of *them* is what is connected to: a name that means another machine a moment later (DNS
rebinding) gains nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from analytics.errors import NotDelivered

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""IPv6 addresses whose last 32 bits are the IPv4 address that a gateway connects to (RFC 6052, 8215)."""
COMPATIBLE = IPv6Network("::/96")
MOST_LOOKED_UP = 8
"""Names at once: a look-up that hangs cannot be ended, only left behind."""

_resolver = ThreadPoolExecutor(MOST_LOOKED_UP, "names")


def is_outside(address: Address) -> bool:
    """Whether an address is one of the internet, for a single machine: not loopback, private, link-local, shared,
    multicast or reserved, nor IPv6 that carries such an IPv4 address in it."""
    if isinstance(address, IPv6Address):
        if address in COMPATIBLE or address.is_site_local:
            return False
        carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if any(address in network for network in TRANSLATED):
            carried.append(IPv4Address(int(address) & 0xFFFFFFFF))
        inner = [one for one in carried if one is not None]
        if inner:
            return all(is_outside(one) for one in inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def may_reach(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether a webhook may go to an address; IPv4 in IPv6's clothes is judged as IPv4."""
    plain = (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
    return is_outside(plain) or any(plain in network for network in allowed)


def reachable(host: str, port: int, *, allowed: Sequence[Network], seconds: float) -> list[str]:
    """Addresses of a host that may be connected to, in the order of the system.

    Raises:
        NotDelivered: the name is unknown, the look-up takes too long, or all its addresses are forbidden.
    """
    asked = _resolver.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = asked.result(seconds)
    except TooSlow as error:
        asked.cancel()
        raise NotDelivered(f"the name {host!r} was not found within {seconds:.0f} s") from error
    except (OSError, UnicodeError) as error:
        raise NotDelivered(f"the name {host!r} is not known: {error}") from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    permitted = [text for text in addresses if may_reach(ip_address(text.partition("%")[0]), allowed)]
    if not permitted:
        raise NotDelivered(
            f"{host} is {', '.join(addresses[:3])}, no address of the internet: "
            "the network of a receiver inside is to be named in OTKLIK_WEBHOOK_NETWORKS"
        )
    return permitted
