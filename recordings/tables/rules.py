"""Versions of the rules, long work over the archive, verdicts on findings, and alerts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from recordings.tables.columns import Id, LeasedTable, Table


class RuleSetState(StrEnum):
    DRAFT = "draft"
    """Has never been in force: what it finds is seen only where one compares versions."""
    RUNNING = "running"
    """In force for new recordings, and what lists and figures show."""
    RETIRED = "retired"


class RuleSetRow(Table):
    """A version of the rules: dictionaries and alerts as they were written. Never changed, never deleted."""

    __tablename__ = "rule_sets"
    version: Mapped[str] = mapped_column(String(12), primary_key=True)
    """First 12 hex digits of the sha256 over the files and the rule code's version."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    """As ``RuleSetState``; one is running."""
    files: Mapped[dict[str, Any]]
    """Name as ``ru/service.yaml`` → the text of the file."""
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64), default="")
    started_at: Mapped[datetime | None]


class JobRow(LeasedTable):
    """Long work in bulk: a re-run of rules, an import, an erasure. Interrupted, it goes on where it stopped."""

    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), index=True)
    """rerun | import | export | erase | topics | sentiment"""
    state: Mapped[str] = mapped_column(String(16), index=True)
    """waiting | working | done | stopped | failed"""
    parameters: Mapped[dict[str, Any]]
    cursor: Mapped[str] = mapped_column(String(128), default="")
    """Last item that is done, in the order of the work."""
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    worker: Mapped[str] = mapped_column(String(64), default="")
    failure: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(index=True)
    created_by: Mapped[str] = mapped_column(String(64), default="")
    ended_at: Mapped[datetime | None]


class ReviewRow(Table):
    """A person's verdict on a sampled finding: from these the precision of a rule is estimated."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("rule_set", "finding_id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    rule_set: Mapped[str] = mapped_column(String(12), index=True)
    label: Mapped[str] = mapped_column(String(64), index=True)
    finding_id: Mapped[str] = mapped_column(ForeignKey("findings.id", ondelete="CASCADE"), index=True)
    right: Mapped[bool | None]
    """None until a person has listened."""
    drawn_at: Mapped[datetime]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str] = mapped_column(String(64), default="")


class AlertRulesRow(Table):
    """A version of the alerts as they were written. Never changed, never deleted."""

    __tablename__ = "alert_rules"
    version: Mapped[str] = mapped_column(String(12), primary_key=True)
    """First 12 hex digits of the sha256 over its text."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    """running | retired; one is running"""
    text: Mapped[str] = mapped_column(Text)
    """YAML."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64), default="")


class AlertRow(Table):
    """A rule that fired, once per rule and contact."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("rule", "contact_id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    rule: Mapped[str] = mapped_column(String(64), index=True)
    contact_id: Mapped[str] = mapped_column(Id, index=True)
    """Call, chat, or recording without a call."""
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    """new | seen | done"""
    start: Mapped[float | None]
    end: Mapped[float | None]
    quote: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(index=True)
    seen_by: Mapped[str] = mapped_column(String(64), default="")


class DeliveryRow(LeasedTable):
    """An alert on its way to a mailbox or a program, and how that went."""

    __tablename__ = "deliveries"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    """Also sent, so that a receiver can tell a repeat."""
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    """mail | webhook"""
    target: Mapped[str] = mapped_column(String(512))
    body: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), index=True)
    """waiting | sent | given_up"""
    log: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """``at`` and ``what`` of the newest tries."""
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
