"""Models that are damaged, missing or cannot be had."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from speech.errors import ModelDamaged, ModelMissing
from speech.models import models, standard_models
from speech.models.models import parse_catalogue
from tests.speech.models.serving import FILES, Server, archive, entry, quiet

pytestmark = pytest.mark.services


def test_what_cannot_be_had_is_replaced_and_not_asked_for_at_every_start(server: Server, tmp_path: Path) -> None:
    server.files["base.zip"] = archive(FILES)
    known = parse_catalogue(
        '[[model]]\nname="small"\nengine="vosk"\nlanguages=["xx"]\nsize=1000000\nstandard=true\ninstead="base"\n'
        f'[[model.sources]]\nkind="zip"\nurl="{server.url("small.zip")}"\n'
        '[[model]]\nname="base"\nengine="whisper"\nlanguages=["xx"]\nsize=1000000\nstandard=true\n'
        f'[[model.sources]]\nkind="zip"\nurl="{server.url("base.zip")}"\n'
    )
    told: list[str] = []
    for _ in range(2):
        standard_models.pull_standard(tmp_path, tests=False, progress=quiet, say=told.append, known=known)
    assert "base serves xx instead; try again at any time with: otklik models pull small" in told[1]
    assert [path for path, _ in server.asked] == ["/base.zip", "/small.zip"]

    server.files.clear()
    with pytest.raises(ModelMissing, match="base could not be had"):
        standard_models.pull_standard(tmp_path / "new", tests=False, progress=quiet, say=told.append, known=known)


def test_damaged_model_is_asked_for_at_every_start_and_marked_until_it_is_sound(server: Server, tmp_path: Path) -> None:
    server.files = {"base.zip": archive(FILES), "small.zip": archive(FILES)}
    known = parse_catalogue(
        '[[model]]\nname="small"\nengine="vosk"\nlanguages=["xx"]\nsize=1000000\nstandard=true\ninstead="base"\n'
        f'[[model.sources]]\nkind="zip"\nurl="{server.url("small.zip")}"\n'
        '[[model]]\nname="base"\nengine="whisper"\nlanguages=["xx"]\nsize=1000000\nstandard=true\n'
        f'[[model.sources]]\nkind="zip"\nurl="{server.url("base.zip")}"\n'
    )
    told: list[str] = []

    def start() -> str:
        standard_models.pull_standard(tmp_path, tests=False, progress=quiet, say=told.append, known=known)
        return told[-1]

    start()
    (tmp_path / "small" / "conf/model.conf").write_bytes(b"cut")
    sound = server.files.pop("small.zip")
    for _ in range(2):  # the second time within a day of the first
        assert "base serves xx instead" in start()
        assert not models.seems_sound(tmp_path, "small")
    server.files["small.zip"] = sound
    assert start().startswith("small is installed and verified; its publisher states no checksum")
    assert models.seems_sound(tmp_path, "small")


def test_mark_goes_when_a_person_mends_the_model(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = archive(FILES)
    file = models.pull(tmp_path, "tiny", quiet, entry(server.url("tiny.zip"))) / "conf/model.conf"
    file.write_bytes(b"cut")
    with pytest.raises(ModelDamaged):
        models.verify(tmp_path, "tiny")
    assert not models.seems_sound(tmp_path, "tiny")
    file.write_bytes(FILES["conf/model.conf"])
    models.verify(tmp_path, "tiny")
    assert models.seems_sound(tmp_path, "tiny")


@pytest.mark.parametrize("harm", ["changed", "same size", "missing", "added", "manifest"])
def test_damaged_model_is_named_with_its_remedy_and_replaced(server: Server, tmp_path: Path, harm: str) -> None:
    server.files["tiny.zip"] = archive(FILES)
    known = entry(server.url("tiny.zip"))
    folder = models.pull(tmp_path, "tiny", quiet, known)
    file = folder / "conf/model.conf"
    match harm:
        case "changed":
            file.write_bytes(b"cut")
        case "same size":
            file.write_bytes(FILES["conf/model.conf"].replace(b"1", b"9"))
        case "missing":
            file.unlink()
        case "added":
            file = folder / "conf/extra.conf"
            file.write_bytes(b"--beam=1\n")
        case "manifest":
            file = folder / models.MANIFEST
            file.write_text("{")
    with pytest.raises(ModelDamaged, match=f"{re.escape(str(file))} .*otklik models pull tiny"):
        models.verify(tmp_path, "tiny")
    models.pull(tmp_path, "tiny", quiet, known)
    models.verify(tmp_path, "tiny")


def test_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="otklik models pull vosk-model-small-ru"):
        models.locate(tmp_path, "ru", "vosk")
    with pytest.raises(ModelMissing, match="no model is called 'nonsense'"):
        models.pull(tmp_path, "nonsense", quiet)
