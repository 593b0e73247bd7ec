"""A tenth caller cannot forget the audit line: nobody in ``api`` but the operations reads an original or changes what
others rely on. Found in the source, so that a caller nobody thought of fails here before anybody calls it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.services import ROOT

pytestmark = pytest.mark.unit

CONTENT = {
    "Answered", "Call", "CallMeaning", "Callback", "Chat", "ContactDetail", "Customer", "CustomersPage",
    "FailedRecording", "Message", "Page", "PastContact", "Recent", "StoredRecording", "Transcript", "Turn",
}  # fmt: skip
"""Types that hold what people said, or how they can be reached."""

ORIGINALS = {
    "recordings.audio.failed.failed_recordings",
    "recordings.calls.bulk_read.load_stored",
    "recordings.calls.call_log.find_call",
    "recordings.calls.call_log.open_calls",
    "recordings.calls.callbacks.open_callbacks",
    "recordings.calls.meanings.find_meaning",
    "recordings.customers.cards.bind",
    "recordings.customers.cards.find_by_email",
    "recordings.customers.cards.find_by_visitor",
    "recordings.customers.cards.find_card",
    "recordings.customers.cards.find_customer",
    "recordings.customers.cards.meet_caller",
    "recordings.customers.cards.meet_visitor",
    "recordings.customers.cards.merge",
    "recordings.customers.cards.save_customer",
    "recordings.customers.chats.find_answered",
    "recordings.customers.chats.find_chat",
    "recordings.customers.chats.find_open",
    "recordings.customers.chats.messages_of",
    "recordings.customers.history.history",
    "recordings.customers.history.recent",
    "recordings.customers.listing.list_customers",
    "recordings.redaction.redactions.unredacted",
    "recordings.results.results.best_transcript",
    "recordings.rows.call_of",
    "recordings.rows.callback_of",
    "recordings.rows.chat_of",
    "recordings.rows.customer_of",
    "recordings.rows.message_of",
    "recordings.rows.turn_of",
}
"""Functions that give what redaction takes out."""
REDACTED = {
    "recordings.calls.detail.contact_detail",
    "recordings.calls.listing.list_contacts",
    "recordings.calls.meanings.hide_meaning",
    "recordings.redaction.redacted.hide_call",
    "recordings.redaction.redacted.hide_callback",
    "recordings.redaction.redacted.hide_chat",
    "recordings.redaction.redacted.hide_customer",
    "recordings.redaction.redacted.hide_message",
    "recordings.redaction.redacted.hide_past",
    "recordings.redaction.redacted.hide_reason",
    "recordings.redaction.redacted.hide_transcript",
    "recordings.redaction.redacted.hide_turn",
}
"""Functions that give the copy for everyone, unless they are told ``original=``: only the operations may."""
CHANGES = {
    "analytics.learning.intents.promote",
    "analytics.quality.scoring.add_card",
    "api.access.members.end_sessions",
    "api.access.members.note_factor",
    "api.access.members.remove",
    "api.access.members.revoke_token",
    "api.access.members.switch_off",
    "api.access.members.switch_on",
    "api.access.second_factor.check",
    "api.access.second_factor.confirm",
    "api.access.second_factor.draw_recovery_codes",
    "api.access.second_factor.reset",
    "api.access.throttle.admit",
    "api.access.throttle.passed",
    "api.kit.auth.close_session",
    "api.kit.auth.create_token",
    "api.kit.auth.create_user",
    "api.kit.auth.note_use",
    "api.kit.auth.open_session",
    "api.kit.auth.sign_in",
    "api.kit.auth.shut_out",
    "api.kit.auth.set_password",
    "api.kit.auth.set_role",
    "recordings.alerts.alerts.save_alert_rules",
    "recordings.audio.failed.retry",
    "recordings.audio.failed.retry_all",
    "recordings.backup.backup.make_backup",
    "recordings.backup.backup.restore_backup",
    "recordings.calls.callbacks.finish_callback",
    "recordings.exports.files.csv_lines",
    "recordings.exports.files.write_file",
    "recordings.jobs.resume_job",
    "recordings.jobs.start_job",
    "recordings.jobs.stop_job",
    "recordings.learning.topics.rename_topic",
    "recordings.learning.topics.settle_topic",
    "recordings.privacy.audit.note",
    "recordings.privacy.audit.note_once",
    "recordings.privacy.legal_holds.add_hold",
    "recordings.privacy.legal_holds.release_hold",
    "recordings.privacy.privacy.begin_erasure",
    "recordings.privacy.privacy.erase_person",
    "recordings.privacy.privacy.export_person",
    "recordings.privacy.privacy.verify_erased",
    "recordings.quality.agents.set_agent",
    "recordings.quality.evaluations.appeal",
    "recordings.quality.evaluations.settle",
    "recordings.quality.scorecards.add_scorecard",
    "recordings.quality.scorecards.retire_scorecard",
    "recordings.rules.rule_sets.activate",
    "recordings.rules.rule_sets.add_rule_set",
}
"""Functions after which others must be able to see who did it."""
ELSEWHERE = {
    "api/chat": "the chat talks with the visitor whose words these are; no person reads them",
    "api/demo_data": "calls that never were; one line at the beginning and one at the end",
    "api/installation/up.py": "the first user, before anybody could have done it",
}


def test_every_function_that_gives_content_is_known_as_original_or_redacted() -> None:
    found = {
        f"{module}.{node.name}"
        for module, tree in _modules("recordings")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.returns
        if CONTENT & {part.id for part in ast.walk(node.returns) if isinstance(part, ast.Name)}
    }
    assert found == ORIGINALS | REDACTED


def test_every_guarded_function_is_there() -> None:
    known = {
        f"{module}.{node.name}"
        for folder in ("recordings", "analytics", "api")
        for module, tree in _modules(folder)
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    assert known >= ORIGINALS | REDACTED | CHANGES


def test_only_operations_read_originals_and_change_what_others_rely_on() -> None:
    found = sorted(
        f"{module} line {line}: {name}"
        for module, tree in _modules("api")
        if not _allowed(module)
        for name, line in _used(tree)
        if name in ORIGINALS | CHANGES
    )
    assert found == []


def test_only_operations_ask_for_the_original() -> None:
    found = sorted(
        f"{module} line {node.lineno}"
        for module, tree in _modules("api")
        if not _allowed(module)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and any(keyword.arg == "original" for keyword in node.keywords)
        if _name(node.func, _imported(tree)).startswith(("recordings.", "dataclasses."))
    )
    assert found == []


def test_a_tenth_caller_is_found() -> None:
    tree = ast.parse(
        "def page(db):\n    from recordings.customers import chats as c\n    return c.messages_of(db, '1')"
    )
    assert dict(_used(tree)) == {"recordings.customers.chats": 2, "recordings.customers.chats.messages_of": 3}


def test_operations_know_no_http_and_no_terminal() -> None:
    outside = ("fastapi", "starlette", "typer", "rich", "api.cli", "api.kit.deps", "api.kit.problems", "api.kit.render")
    found = sorted(
        f"{module}: {name}"
        for module, tree in _modules("api/operations")
        for name in _imported(tree).values()
        if name.startswith(outside)
    )
    assert found == []


@cache
def _modules(folder: str) -> tuple[tuple[str, ast.Module], ...]:
    files = sorted((ROOT / folder).rglob("*.py"))
    return tuple(
        (".".join(file.relative_to(ROOT).with_suffix("").parts), ast.parse(file.read_text("utf-8"))) for file in files
    )


def _allowed(module: str) -> bool:
    path = Path(*module.split(".")).with_suffix(".py")
    return any(path.is_relative_to(place) for place in ("api/operations", "api/access", "api/kit/auth.py", *ELSEWHERE))


def _imported(tree: ast.Module) -> Mapping[str, str]:
    """Name in the module → what it stands for, wherever in it the import is."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return names


def _used(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Everything imported that the module names, with its line."""
    names = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{one.name}", node.lineno) for one in node.names)
        elif isinstance(node, ast.Attribute) and (name := _name(node, names)):
            yield name, node.lineno


def _name(node: ast.expr, names: Mapping[str, str]) -> str:
    """The whole name of what an expression stands for; empty where it is nothing imported."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute) and (owner := _name(node.value, names)):
        return f"{owner}.{node.attr}"
    return ""
