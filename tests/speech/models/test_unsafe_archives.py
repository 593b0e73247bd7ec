"""Archives that would harm whoever unpacks them."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from speech.errors import ModelMissing
from speech.models import models
from tests.speech.models.serving import Server, archive, entry, quiet

pytestmark = pytest.mark.services


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "model/../../evil", "..\\evil"])
def test_path_that_leads_outside_is_refused(server: Server, tmp_path: Path, name: str) -> None:
    server.files["tiny.zip"] = archive({name: b"x"}, top="")
    with pytest.raises(ModelMissing, match="leads outside"):
        models.pull(tmp_path / "models", "tiny", quiet, entry(server.url("tiny.zip")))
    assert not list(tmp_path.rglob("evil"))


def test_link_is_refused(server: Server, tmp_path: Path) -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as zipped:
        link = zipfile.ZipInfo("model/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "/etc/passwd")
    server.files["tiny.zip"] = box.getvalue()
    with pytest.raises(ModelMissing, match="is a link"):
        models.pull(tmp_path, "tiny", quiet, entry(server.url("tiny.zip")))


def test_bomb_is_refused(server: Server, tmp_path: Path) -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("model/zeros", bytes(20_000_000))
    server.files["tiny.zip"] = box.getvalue()
    with pytest.raises(ModelMissing, match="unpacks to more than 1000000 bytes"):
        models.pull(tmp_path, "tiny", quiet, entry(server.url("tiny.zip"), size=100_000))


def test_endless_download_is_refused(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = bytes(3_000_000)
    with pytest.raises(ModelMissing, match="larger than"):
        models.pull(tmp_path, "tiny", quiet, entry(server.url("tiny.zip"), size=100_000))


def test_page_instead_of_an_archive_is_refused(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = b"<html>please log in</html>"
    with pytest.raises(ModelMissing, match="not a sound zip file"):
        models.pull(tmp_path, "tiny", quiet, entry(server.url("tiny.zip")))


def test_archive_in_which_a_file_is_a_folder_is_refused(server: Server, tmp_path: Path) -> None:
    server.files["tiny.zip"] = archive({"conf": b"x", "conf/model.conf": b"y"})
    with pytest.raises(ModelMissing, match="could not be had"):
        models.pull(tmp_path, "tiny", quiet, entry(server.url("tiny.zip")))
