"""A local server of models that breaks off, lies, and is not there; and what it serves."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field

from speech.models.models import Model, parse_catalogue

FILES = {"am/final.mdl": b"acoustics" * 50_000, "conf/model.conf": b"--beam=10\n"}


@dataclass(slots=True)
class Server:
    """What the local server has, and how it behaves."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    breaks_after: list[int] = field(default_factory=list)
    """Bytes after which it hangs up, one entry an answer."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and Range of each request."""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"


def archive(files: dict[str, bytes], *, top: str = "model/") -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as zipped:
        for name, body in files.items():
            zipped.writestr(top + name, body)
    return box.getvalue()


def entry(*urls: str, sha256: str = "", size: int = 1_000_000, kind: str = "zip", files: str = "") -> tuple[Model, ...]:
    sources = "".join(f'[[model.sources]]\nkind="{kind}"\nurl="{url}"\nsha256="{sha256}"\n' for url in urls)
    return parse_catalogue(f'[[model]]\nname="tiny"\nengine="vosk"\nlanguages=["xx"]\nsize={size}\n{files}\n{sources}')


def quiet(what: str, done: int, total: int) -> None:
    """Nobody watches."""
