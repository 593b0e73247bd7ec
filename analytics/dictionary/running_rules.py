"""The rules in force, as the table has them; the dictionaries that come with Otklik are only the first version."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Engine

from analytics.dictionary import RuleSet, load_rule_set, read_rule_set, version_of
from analytics.settings import analytics_settings
from recordings.database import reading, transaction
from recordings.rules.rule_sets import activate, add_rule_set, find_rule_set, running_version, start_first

PACKAGED = "came with Otklik"
"""Note of the first version."""
CARRIED_OVER = "the same files under the rules of a newer Otklik"
MOST_KEPT = 4
"""Rule sets in memory: one runs, others are tried."""

_once = threading.Lock()
_kept: dict[str, RuleSet] = {}


def running(engine: Engine, dictionaries: Path | None = None) -> RuleSet:
    """The rule set in force. Asks the table each time and reads the files again only when another version runs.

    The first call of an installation puts the dictionaries of ``dictionaries`` (by default those of the settings) in
    force; the first one after an update that changed the rules themselves carries the running files over to a new
    version, so that what was found before is not taken for what is found now.

    Raises:
        DictionaryError: the files of the settings, or those in force under newer rules, are not in order.
    """
    with reading(engine) as db:
        version = running_version(db)
    if version is None:
        first = load_rule_set(dictionaries or analytics_settings().dictionaries_dir)
        with transaction(engine) as db:
            start_first(db, first.version, first.files, note=PACKAGED)
            version = running_version(db) or first.version
    return rule_set(engine, version) or _carried_over(engine, version)


def rule_set(engine: Engine, version: str) -> RuleSet | None:
    """A version of the table, read; None where there is none, or where these rules make another one of its files.

    Raises:
        DictionaryError: the rules of this Otklik do not take its files.
    """
    with _once:
        if version in _kept:
            return _kept[version]
    with reading(engine) as db:
        card = find_rule_set(db, version)
    if card is None or version_of(card.files) != card.version:
        return None
    return _keep(read_rule_set(card.files))


def _carried_over(engine: Engine, version: str) -> RuleSet:
    with transaction(engine) as db:
        card = find_rule_set(db, version)
        files = dict(card.files) if card else {}
        rules = read_rule_set(files)
        add_rule_set(db, rules.version, files, note=CARRIED_OVER)
        if running_version(db) == version:
            activate(db, rules.version)
    return _keep(rules)


def _keep(rules: RuleSet) -> RuleSet:
    with _once:
        while len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[rules.version] = rules
    return rules
