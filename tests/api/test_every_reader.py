"""Every reader of files that people write × every hostile text: refused with file and line, and nothing else."""

from __future__ import annotations

import resource
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import typer

from analytics.alerts import AlertsError, read_alerts
from analytics.dictionary import DictionaryError, check, load_rule_set
from analytics.quality.scorecard_file import read_scorecard
from api.cli.alerts import check_alerts
from ivr.errors import ConversationError, ScenarioError
from ivr.faq.article import read_article
from ivr.scenario.scenario import load
from ivr.simulation.conversation_file import read
from recordings.errors import PolicyWrong
from recordings.privacy.retention_policy import read_policy
from speech.yaml_source import FileRefused, read_text
from tests.hostile import HOSTILE

pytestmark = pytest.mark.unit

MOST_MEMORY = 300_000_000
"""Bytes that one refusal may take at most."""
JOB = "name: a\nlanguage: en\nextension: '1'\nstart: a\nfallback: a\ninclude: [job.yaml]\nnodes: {a: {say: A, hang_up: true}}\n"  # fmt: skip  # noqa: E501


def scenario(file: Path) -> str:
    with pytest.raises(ScenarioError) as refused:
        load(file)
    return str(refused.value)


def job(file: Path) -> str:
    file = file.rename(file.with_name("job.yaml"))
    entry = file.with_name("entry.yaml")
    entry.write_text(JOB)
    return scenario(entry)


def conversations(file: Path) -> str:
    with pytest.raises(ConversationError) as refused:
        read(file)
    return str(refused.value)


def article(file: Path) -> str:
    front = file.read_bytes()
    file.write_bytes(b"---\n" + front + (b"" if front.endswith(b"\n") else b"\n") + b"---\n# Title\n\nAnswer.\n")
    found, problems = read_article(file)
    assert found is None
    return "\n".join(map(str, problems))


def retention(file: Path) -> str:
    with pytest.raises(PolicyWrong) as refused:
        read_policy(file)
    return str(refused.value)


def alerts(file: Path) -> str:
    with pytest.raises((AlertsError, FileRefused)) as refused:
        read_alerts(read_text(file), str(file))
    with pytest.raises(typer.Exit) as end:
        check_alerts(file)
    assert end.value.exit_code == 1
    return str(refused.value)


def scorecard(file: Path) -> str:
    try:
        card, problems = read_scorecard(read_text(file), str(file))
    except FileRefused as refused:
        return str(refused)
    assert card is None
    return "\n".join(map(str, problems))


def dictionary(file: Path) -> str:
    folder = file.parent / "en"
    folder.mkdir()
    file = file.rename(folder / file.name)
    with pytest.raises(DictionaryError) as refused:
        load_rule_set(folder.parent)
    assert check(file)
    return str(refused.value)


READERS: Mapping[str, Callable[[Path], str]] = {
    reader.__name__: reader
    for reader in (scenario, job, conversations, article, retention, alerts, scorecard, dictionary)
}


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        (reader, name)
        for reader in READERS
        for name in HOSTILE
        if (reader, name) != ("article", "two documents")  # the dashes end what is YAML in an article
    ],
)
def test_refused_with_file_and_line(tmp_path: Path, reader: str, name: str) -> None:
    text, line, what = HOSTILE[name]
    if reader == "dictionary" and what == "is no":
        text = f"within: {text.partition('c: ')[2]}"  # there a date is a text like any other, but for a number
        line = 1
    file = tmp_path / "file.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with ThreadPoolExecutor(1) as thread:  # the stack of a thread is short: what recursed in C ended the process there
        said = thread.submit(READERS[reader], file).result()
    line += reader == "article"
    assert f".yaml:{line}: " in said, said
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MOST_MEMORY
