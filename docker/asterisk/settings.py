"""What an installation decides about its telephone exchange; read once a process."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, StringConstraints, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from speech.settings import Settings

Port = Annotated[int, Field(ge=1, le=65535)]
Secret = Annotated[SecretStr, Field(min_length=12)]
Networks = Annotated[
    tuple[IPv4Network, ...],
    NoDecode,
    BeforeValidator(
        lambda value: tuple(filter(None, value.replace(",", " ").split())) if isinstance(value, str) else value
    ),
]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Endpoints = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./@:+&-]*$")]


class ExchangeSettings(Settings):
    """Passwords have no default: they are drawn once an installation and stand in ``otklik.env``."""

    system_name: Name = "otklik"
    """Begins the id of every call; exchanges that share a database need one each."""
    sip_bind: IPv4Address = IPv4Address("127.0.0.1")
    """Address the phones reach; 0.0.0.0 for all of the machine's."""
    sip_port: Port = 5060
    """Port of SIP over UDP."""
    sip_tls_port: Port = 5061
    """Port of SIP over TLS."""
    ari_port: Port = 8088
    """Robot's REST, events and media; always on loopback."""
    ari_user: Name = "robot"
    """Log-in of the robot at Asterisk."""
    ari_password: Secret = Field(default=...)
    """Password of ``ari_user``."""
    rtp_first: Port = 20000
    """First port of the calls' sound, UDP."""
    rtp_last: Port = 20999
    """Last port of the calls' sound; each call takes up to four."""
    phone_password: Secret = Field(default=...)
    """Digest password of ``phone``, for anybody's softphone."""
    agent_password: Secret = Field(default=...)
    """Digest password of ``agent``, the person who takes calls over."""
    stasis_app: Name = "otklik"
    """Name of the robot that the dialplan passes callers to; further robots append ``-2``, ``-3`` …"""
    agent_endpoint: Endpoints = "PJSIP/agent"
    """Who is rung while no robot lives."""
    agent_ring_seconds: float = Field(default=20.0, gt=0)
    """Seconds that phone rings before the caller is told that somebody will call back."""
    trunk_match: Networks = (IPv4Network("127.0.0.1"),)
    """Addresses or networks whose calls need no password, separated by commas: the operator's trunk."""
    trunk_numbers: Literal["auto", "trusted", "claimed"] = "auto"
    """Whether the numbers of its callers are the network's: ``auto`` trusts all but this machine's own loopback."""

    @property
    def trusted_networks(self) -> Networks:
        """Those whose callers' numbers are the network's."""
        if self.trunk_numbers != "auto":
            return self.trunk_match if self.trunk_numbers == "trusted" else ()
        return tuple(network for network in self.trunk_match if not network.is_loopback)

    @field_validator("rtp_last")
    @classmethod
    def _leaves_room(cls, last: int, info: ValidationInfo) -> int:
        first = info.data.get("rtp_first", last)
        if last - first < 3:
            raise ValueError(f"want room for a call above OTKLIK_RTP_FIRST={first}, got {last}")
        return last
