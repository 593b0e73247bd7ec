"""The whole of Otklik as its users start it: every part, one real call, its page's data, and nothing left behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from speech.settings import home
from tests.services import ROOT, free_port

pytestmark = pytest.mark.asterisk

OTKLIK = str(Path(sys.executable).with_name("otklik"))


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
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
    assert not left


def _home_of(process: psutil.Process) -> str:
    return str((process.info["environ"] or {}).get("OTKLIK_HOME", ""))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_call_from_beginning_to_end(env: dict[str, str], language: str) -> None:
    done = subprocess.run(
        [OTKLIK, "demo", "--language", language, "--once"],
        env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=380,
    )  # fmt: skip
    log = Path(env["OTKLIK_HOME"]) / "logs" / "otklik.log"
    assert done.returncode == 0, f"{done.stderr}\n{log.read_text()[-6000:] if log.exists() else ''}"
    assert f"http://127.0.0.1:{env['OTKLIK_WEB_PORT']}/calls/" in done.stderr
    listed = subprocess.run([OTKLIK, "calls", "list"], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "handed_over" in listed.stdout
    for secret in (Path(env["OTKLIK_HOME"]) / "otklik.env").read_text().split():
        assert secret.partition("=")[2] not in log.read_text()


def test_a_taken_port_is_told_before_anything_starts(env: dict[str, str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(env["OTKLIK_WEB_PORT"])))
        holder.listen()
        done = subprocess.run(
            [OTKLIK, "up"], env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 1
    assert "taken by" in done.stderr
    assert "OTKLIK_WEB_PORT" in done.stderr
