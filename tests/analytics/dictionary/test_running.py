"""Versions of the rules in the table: the first start, changes, rollback, an update of the program."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from analytics.dictionary import DictionaryError, read_rule_set
from analytics.dictionary.running_rules import rule_set, running
from recordings.database import reading, transaction
from recordings.rules.rule_sets import activate, add_rule_set, find_rule_set, list_rule_sets
from recordings.tables import RuleSetRow, RuleSetState

pytestmark = pytest.mark.services

ONE = {"ru/shop.yaml": "возврат: [вернуть деньги]\n"}
TWO = {"ru/shop.yaml": "возврат: [вернуть деньги, возврат]\n"}


def add(database: Engine, files: dict[str, str]) -> str:
    version = read_rule_set(files).version
    with transaction(database) as db:
        add_rule_set(db, version, files, by="olga")
    return version


def test_first_start_puts_the_packaged_dictionaries_in_force_once(database: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "dictionaries" / "ru"
    folder.mkdir(parents=True)
    (folder / "shop.yaml").write_text(ONE["ru/shop.yaml"])
    first = running(database, folder.parent)
    (folder / "shop.yaml").write_text(TWO["ru/shop.yaml"])
    assert running(database, folder.parent).version == first.version == read_rule_set(ONE).version
    with reading(database) as db:
        (card,) = list_rule_sets(db)
    assert (card.state, card.files) == (RuleSetState.RUNNING, ONE)


def test_a_version_is_put_in_force_and_taken_back(database: Engine) -> None:
    one, two = add(database, ONE), add(database, TWO)
    for wanted, other in ((one, two), (two, one), (one, two)):
        with transaction(database) as db:
            assert activate(db, wanted)
        assert running(database).version == wanted
        with reading(database) as db:
            state = {card.version: card.state for card in list_rule_sets(db)}
        assert state[wanted] is RuleSetState.RUNNING
        assert state[other] is not RuleSetState.RUNNING
    with transaction(database) as db:
        assert not activate(db, "000000000000")
    assert running(database).version == one


def test_a_version_that_is_there_is_not_written_twice(database: Engine) -> None:
    version = add(database, ONE)
    with transaction(database) as db:
        assert not add_rule_set(db, version, ONE, note="again")
        card = find_rule_set(db, version[:5])
    assert card
    assert card.note == ""


def test_newer_rules_make_a_new_version_of_the_files_in_force(database: Engine) -> None:
    old = add(database, ONE)
    with transaction(database) as db:
        activate(db, old)
        db.execute(update(RuleSetRow).values(version="0123456789ab"))  # as an older Otklik called the same files
    assert rule_set(database, "0123456789ab") is None
    assert running(database).version == old
    with reading(database) as db:
        assert {row.version: row.state for row in db.scalars(select(RuleSetRow))} == {
            "0123456789ab": RuleSetState.RETIRED,
            old: RuleSetState.RUNNING,
        }


def test_faulty_files_in_force_are_told_by_line(database: Engine) -> None:
    with transaction(database) as db:
        add_rule_set(db, "0123456789ab", {"ru/shop.yaml": "возврат:\n  speaker: boss\n"})
        activate(db, "0123456789ab")
    with pytest.raises(DictionaryError, match=r"ru/shop\.yaml:2: "):
        running(database)
