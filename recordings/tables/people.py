"""Who works with Otklik, and what they did that others must be able to check."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from recordings.tables.columns import ADMIN, EMPTY, Id, Table


class UserRow(Table):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str]
    """argon2id."""
    language: Mapped[str] = mapped_column(String(8))
    role: Mapped[str] = mapped_column(String(16), default="admin", server_default=ADMIN)
    """As ``api.kit.roles.Role``. Whoever was a user before there were roles may do what they could."""
    agent: Mapped[str] = mapped_column(String(64), default="", server_default=EMPTY)
    """Endpoint of the phone they answer; empty for who takes no calls."""
    created_at: Mapped[datetime]


class SessionRow(Table):
    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    csrf: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]


class TokenRow(Table):
    """API token; only its hash is kept."""

    __tablename__ = "tokens"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


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
