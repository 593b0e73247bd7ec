"""Where the parts of a page are: ``templates``, ``texts`` and ``static`` in the folder of its noun."""

from __future__ import annotations

from pathlib import Path

from jinja2 import BaseLoader, FileSystemLoader, PrefixLoader
from starlette.staticfiles import StaticFiles

API = Path(__file__).parents[1]
SHARED = API / "static"
"""Style and scripts of every page, and what comes from other projects, in ``vendor``."""


def folders(kind: str) -> dict[str, Path]:
    """Noun → its folder of a kind: templates, texts or static."""
    return {folder.parent.name: folder for folder in sorted(API.glob(f"*/{kind}")) if folder.is_dir()}


def template_loader() -> BaseLoader:
    """Templates by noun and file name: ``calls/call.html``."""
    return PrefixLoader({noun: FileSystemLoader(folder) for noun, folder in folders("templates").items()})


def static_files() -> StaticFiles:
    """All of them under one address: a file's name says whose it is, so there is one of each."""
    return StaticFiles(directory=SHARED, packages=[(f"{API.name}.{noun}", "static") for noun in folders("static")])
