"""Where the pages are served and how long a log-in lasts; read once a process."""

from __future__ import annotations

from pydantic import Field, SecretStr

from recordings.settings import StoreSettings


class WebSettings(StoreSettings):
    """The store's settings and the web server's own."""

    web_bind: str = "127.0.0.1"
    """Address to listen on."""
    web_port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    web_https: bool = False
    """True when a TLS proxy stands in front: cookies become Secure and browsers are told to stay on https."""
    web_session_hours: float = Field(default=12, gt=0)
    """Hours after which a browser has to log in again."""
    chat_origins: list[str] = Field(default_factory=list)
    """Sites that may show our chat, as ``["https://shop.example"]``; our own pages always may."""
    webhooks: dict[str, SecretStr] = Field(default_factory=dict)
    """Name → secret of each messenger or e-mail bridge, as ``{"telegram": "…"}``."""
    ranking_minimum: int = Field(default=10, ge=2)
    """Calls, evaluations or ratings below which nobody is ranked by them."""
