"""A home of its own for a test that starts all parts, on free ports; afterwards no process of it may be there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from api.installation.leftovers import end
from speech.settings import home
from tests.services import free_port


@pytest.fixture
def parts_env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A home of its own on free ports; afterwards no process of it may be there."""
    own = tmp_path / "home"
    own.mkdir()
    (own / "asterisk").symlink_to(home() / "asterisk")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}
    yield kept | {
        "OTKLIK_HOME": str(own),
        "OTKLIK_MODELS_DIR": str(home() / "models"),
        "OTKLIK_SIP_PORT": str(free_port()),
        "OTKLIK_SIP_TLS_PORT": str(free_port()),
        "OTKLIK_ARI_PORT": str(free_port()),
        "OTKLIK_WEB_PORT": str(free_port()),
        "OTKLIK_REDIS_URL": f"redis://:for-this-test-alone@127.0.0.1:{free_port()}/0",
        "OTKLIK_RTP_FIRST": "33000",
        "OTKLIK_RTP_LAST": "33200",
    }
    left = [process for process in psutil.process_iter(["environ"]) if str(own) in _home_of(process)]
    end(left)
    assert not left


def _home_of(process: psutil.Process) -> str:
    return str((process.info["environ"] or {}).get("OTKLIK_HOME", ""))
