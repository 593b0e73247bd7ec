"""``otklik rules convert``: whole files or none, and what it says."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from speech.yaml_source import LONGEST_TEXT

pytestmark = pytest.mark.unit

OLD = "alerts:\r\n- name: quiet\r\n  title: {ru: Тихо}\r\n  all:\r\n  - silence: 60  # с\r\n"
NEW = OLD.replace("silence: 60", "finding: silence\n    label: silence\n    lasts: {above: 60}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "alerts.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + OLD.encode())
    file.chmod(0o640)
    return file


def convert(*arguments: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["rules", "convert", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_a_file_is_written_anew_whole_with_its_rights(file: Path) -> None:
    link = file.with_name("link.yaml")
    link.symlink_to(file)
    code, _, said = convert(link)
    assert (code, f"{link}: is written anew" in said) == (0, True), said
    assert file.read_bytes() == b"\xef\xbb\xbf" + NEW.encode()
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert {path.name for path in file.parent.iterdir()} == {"alerts.yaml", "link.yaml"}
    code, _, said = convert(file)
    assert (code, "0 in words of before" in said) == (0, True)


def test_check_and_stdout_write_nothing(file: Path) -> None:
    before = file.read_bytes()
    assert convert("--check", file)[0] == 1
    code, out, _ = convert("--stdout", file)
    assert (code, out.splitlines()) == (0, NEW.splitlines())
    assert file.read_bytes() == before
    file.write_text(NEW)
    assert convert("--check", file)[0] == 0


def test_a_faulty_file_is_told_and_left_and_the_others_are_written(file: Path, tmp_path: Path) -> None:
    faulty = {
        "a.yaml": b"alerts:\n- name: [",
        "b.yaml": b"\xff\xfe",
        "c.yaml": b"a: [b]\na: [c]\n",
        "d.yaml": b"",
        "e.yaml": b"#" * (4 * LONGEST_TEXT + 1),
    }
    for name, body in faulty.items():
        (tmp_path / name).write_bytes(body)
    code, _, said = convert(*(tmp_path / name for name in faulty), file)
    assert code == 1
    assert all(f"{tmp_path / name}:" in said for name in faulty), said
    assert {name: (tmp_path / name).read_bytes() for name in faulty} == faulty
    assert file.read_bytes().endswith(NEW.encode())
