"""Who works with Otklik, and what they did that others must be able to check."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from recordings.tables.columns import EMPTY, Id, Table


class UserRow(Table):
    """Who may log in. A removed user's row stays: nobody else takes the name that evaluations and audit hold."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str]
    """argon2id; empty once removed."""
    language: Mapped[str] = mapped_column(String(8))
    role: Mapped[str] = mapped_column(String(16))
    """As ``api.kit.roles.Role``."""
    agent: Mapped[str] = mapped_column(String(64), default="", server_default=EMPTY)
    """Endpoint of the phone they answer; empty for who takes no calls."""
    agent_since: Mapped[datetime | None]
    """Calls of that phone are theirs from then on; None: all of them, it was nobody else's."""
    former_agents: Mapped[list[str] | None] = mapped_column(JSON)
    """Endpoints they answered before."""
    created_at: Mapped[datetime]
    drawn_at: Mapped[datetime | None]
    """When the password was drawn for them; until they have chosen their own it opens nothing else."""
    off_at: Mapped[datetime | None]
    """When they were switched off; None while they may log in."""
    removed_at: Mapped[datetime | None]


class SessionRow(Table):
    """A browser that is logged in, or that has given the password and owes the code; only the secret's hash is kept."""

    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """Last used, to the minute."""
    expires_at: Mapped[datetime]
    code_until: Mapped[datetime | None]
    """Until then the code of the second factor is waited for, and nothing is open; None once all was right."""
    factor_at: Mapped[datetime | None]
    """When the second factor was shown; None in a session that came in without."""
    address: Mapped[str] = mapped_column(String(64), default="", server_default=EMPTY)
    browser: Mapped[str] = mapped_column(String(200), default="", server_default=EMPTY)
    """Its User-Agent."""


class TokenRow(Table):
    """API token; only its hash is kept."""

    __tablename__ = "tokens"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    scopes: Mapped[list[str] | None] = mapped_column(JSON)
    """As ``api.kit.auth.create_token`` takes them; None: all that its owner may."""


class SecondFactorRow(Table):
    """A user's authenticator. The key itself is nowhere: it is made of ``salt`` and the installation's secret."""

    __tablename__ = "second_factors"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """When the first code was right; before it nothing is asked for."""
    counter: Mapped[int] = mapped_column(default=0)
    """Half-minute, counted from 1970, of the last code used: it and those before are used up."""


class RecoveryCodeRow(Table):
    """A code for who has lost the authenticator; gone once used."""

    __tablename__ = "recovery_codes"
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """HMAC-SHA256 under the installation's secret."""
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)


class LoginFailureRow(Table):
    """A log-in that failed, or is being tried; swept after ``api.access.throttle.WINDOW``."""

    __tablename__ = "login_failures"
    __table_args__ = (Index("ix_login_failures_login_source", "login", "source"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64))
    """sha256 of what was typed, which may be a password in the wrong field."""
    source: Mapped[str] = mapped_column(String(80), index=True)
    """``net:`` and an address, of IPv6 its /64, or ``device:`` and the hash of a browser's secret."""
    at: Mapped[datetime] = mapped_column(index=True)


class LoginSourceRow(Table):
    """Where a user has logged in from: strangers elsewhere cannot make them wait there."""

    __tablename__ = "login_sources"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(String(80), primary_key=True)
    """As ``LoginFailureRow.source``."""
    seen_at: Mapped[datetime]


class AgentRow(Table):
    """A person who takes calls, as quality and KPIs name them."""

    __tablename__ = "agents"
    endpoint: Mapped[str] = mapped_column(String(64), primary_key=True)
    """As ``CallRow.agent``."""
    name: Mapped[str] = mapped_column(String(128))
    team: Mapped[str] = mapped_column(String(64), default="", index=True)


class AuditRow(Table):
    """Who did what that others must be able to check. Lines are chained: a line taken out or changed shows."""

    __tablename__ = "audit"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    login: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(64), index=True)
    """As ``original.heard``, ``person.erased``."""
    subject: Mapped[str] = mapped_column(String(128), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    digest: Mapped[str] = mapped_column(String(64))
    """sha256 over the line before and this one."""
