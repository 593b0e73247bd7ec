"""The whole of Otklik as its users start it: every part, one real call, its page's data, and nothing left behind."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT

pytestmark = pytest.mark.asterisk

OTKLIK = str(Path(sys.executable).with_name("otklik"))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_call_from_beginning_to_end(parts_env: dict[str, str], language: str) -> None:
    done = subprocess.run(
        [OTKLIK, "demo", "--language", language, "--once"],
        env=parts_env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=380,
    )  # fmt: skip
    logs = "\n".join(path.read_text() for path in Path(parts_env["OTKLIK_HOME"]).glob("logs/*.log"))
    assert done.returncode == 0, f"{done.stderr}\n{logs[-6000:]}"
    assert f"http://127.0.0.1:{parts_env['OTKLIK_WEB_PORT']}/calls/" in done.stderr
    listed = subprocess.run(
        [OTKLIK, "calls", "list", "--json"], env=parts_env, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "handed_over" in listed.stdout
    for secret in (Path(parts_env["OTKLIK_HOME"]) / "otklik.env").read_text().split():
        assert secret.partition("=")[2] not in logs


def test_a_taken_port_is_told_before_anything_starts(parts_env: dict[str, str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(parts_env["OTKLIK_WEB_PORT"])))
        holder.listen()
        done = subprocess.run(
            [OTKLIK, "up"], env=parts_env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 1
    assert "taken by" in done.stderr
    assert "OTKLIK_WEB_PORT" in done.stderr
