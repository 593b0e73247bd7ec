"""What each role may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    AGENT = "agent"
    """Takes calls and rings back; reads the evaluations and notes of their own calls, acknowledges, appeals."""
    ANALYST = "analyst"
    """Reads calls without private data, and all figures; tries rules."""
    QUALITY = "quality"
    """An analyst who evaluates and who writes rules and scorecards."""
    SUPERVISOR = "supervisor"
    """Quality, and rings back, hears and reads originals, settles appeals, sees to alerts and parked recordings."""
    ADMIN = "admin"
    """Everything, also users, retention and erasure."""


class Permission(StrEnum):
    CALLS = "calls"
    """Read calls, customers and figures, private data taken out."""
    ORIGINALS = "originals"
    """Read and hear what redaction takes out; each time leaves an audit line."""
    CALLBACKS = "callbacks"
    """Ring back who waits: see their whole number, and say that it is done."""
    RULES = "rules"
    """Change dictionaries and alerts, run them over the archive, review findings."""
    EVALUATE = "evaluate"
    SCORECARDS = "scorecards"
    APPEALS = "appeals"
    """Settle what agents appeal against."""
    ALERTS = "alerts"
    WORK = "work"
    """Retry, stop, resume what workers do."""
    PRIVACY = "privacy"
    """Retention, legal hold, export and erasure, the audit trail."""
    USERS = "users"
    """Make users, switch them off, end their sessions and tokens."""


_ANALYST = {Permission.CALLS}
_QUALITY = _ANALYST | {Permission.RULES, Permission.EVALUATE, Permission.SCORECARDS}
_SUPERVISOR = _QUALITY | {
    Permission.ORIGINALS,
    Permission.CALLBACKS,
    Permission.APPEALS,
    Permission.ALERTS,
    Permission.WORK,
}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset({Permission.CALLBACKS}),
    Role.ANALYST: frozenset(_ANALYST),
    Role.QUALITY: frozenset(_QUALITY),
    Role.SUPERVISOR: frozenset(_SUPERVISOR),
    Role.ADMIN: frozenset(Permission),
}
READING: frozenset[Permission] = frozenset({Permission.CALLS, Permission.ORIGINALS})
"""Permissions that let nobody change anything: whatever changes something asks for another one."""
WANT_FACTOR = frozenset({Permission.ORIGINALS, Permission.PRIVACY})
"""What is closed to whoever owes a second factor: both give what redaction takes out."""
