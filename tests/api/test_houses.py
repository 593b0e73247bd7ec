"""The house of ``api``: a noun's pages are its own, what several need is in ``api/kit``."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from api.app import ROUTERS
from api.kit.assets import API

pytestmark = pytest.mark.unit

LONGEST, MOST = 400, 25
"""Lines of a file, files of a folder."""


def test_no_module_takes_from_the_pages_of_another_noun() -> None:
    """What two nouns' pages share belongs to ``api/kit``, which itself knows no noun."""
    for path in API.glob("*/*.py"):
        noun = path.parent.name
        taken = {module for module in imported(path) if module.startswith("api.")}
        others = {module for module in taken if module.split(".")[1] != noun}
        assert not {module for module in others if module.endswith("pages")}, path
        assert noun != "kit" or all(module.startswith("api.settings") for module in others), path


def test_every_router_is_part_of_the_application() -> None:
    made = [path for path in API.glob("*/*.py") if "\nrouter = APIRouter(" in path.read_text("utf-8")]
    assert len(made) == len(ROUTERS) == len(set(map(id, ROUTERS)))


def test_no_room_is_too_large() -> None:
    files = [path for path in API.rglob("*.*") if path.suffix in (".py", ".html", ".css", ".js")]
    files = [path for path in files if not {"vendor", "node_modules"} & set(path.parts)]
    for path in files:
        assert len(path.read_text("utf-8").splitlines()) <= LONGEST, path
    for room in {path.parent for path in files}:
        assert len([path for path in files if path.parent == room]) <= MOST, room


def imported(path: Path) -> set[str]:
    """Modules that a module imports, those inside functions too."""
    tree = ast.walk(ast.parse(path.read_text("utf-8")))
    return {
        module
        for node in tree
        if isinstance(node, ast.ImportFrom) and node.module
        for module in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        if module.count(".") >= 1
    }
