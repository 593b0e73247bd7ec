"""Where the pages are served and how long a log-in lasts; read once a process."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from recordings.settings import StoreSettings

Network = IPv4Network | IPv6Network
Networks = Annotated[
    tuple[Network, ...],
    NoDecode,
    BeforeValidator(
        lambda value: tuple(map(ip_network, value.replace(",", " ").split())) if isinstance(value, str) else value
    ),
]


class WebSettings(StoreSettings):
    """The store's settings and the web server's own."""

    web_bind: str = "127.0.0.1"
    """Address to listen on."""
    web_port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    web_https: bool = False
    """True when a TLS proxy stands in front: cookies become Secure and browsers are told to stay on https."""
    trusted_proxies: Networks = (IPv4Network("127.0.0.1"), IPv6Network("::1"))
    """Addresses or networks of proxies, separated by commas, whose X-Forwarded-For and -Proto are believed."""
    web_session_hours: float = Field(default=12, gt=0)
    """Hours after which a browser has to log in again."""
    web_idle_minutes: float = Field(default=120, gt=0)
    """Minutes without use after which a browser has to log in again; pages that refresh themselves do not count."""
    token_days: float = Field(default=90, gt=0, le=3660)
    """Days an API token lives at most, and lives unless told otherwise."""
    second_factor: str = Field(default="", pattern="^(off|originals|all)?$")
    """Who has to have one: ``off`` nobody, ``originals`` who may see those, ``all``; empty: the second under https."""
    login_secret: SecretStr = SecretStr("")
    """Secret of which the keys of second factors are made; drawn once, the same on every machine with pages."""
    shared_phones: bool = False
    """Whether several users may answer one phone; each of them then sees the evaluations of all its calls."""
    chat_origins: list[str] = Field(default_factory=list)
    """Sites that may show our chat, as ``["https://shop.example"]``; our own pages always may."""
    webhooks: dict[str, SecretStr] = Field(default_factory=dict)
    """Name → secret of each messenger or e-mail bridge, as ``{"telegram": "…"}``."""
    ranking_minimum: int = Field(default=10, ge=2)
    """Calls, evaluations or ratings below which nobody is ranked by them."""

    @field_validator("trusted_proxies")
    @classmethod
    def _names_some(cls, networks: tuple[Network, ...]) -> tuple[Network, ...]:
        """Who believes everybody is told any address by anybody."""
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("name the proxies' own addresses: with a network of all addresses anybody may claim any")
        return networks

    @property
    def factor_wanted(self) -> str:
        """Who has to have a second factor: ``off``, ``originals`` or ``all``."""
        return self.second_factor or ("originals" if self.web_https else "off")
