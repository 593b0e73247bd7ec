from __future__ import annotations

import socket
from pathlib import Path

import pytest

from api.installation.drawn_secrets import draw_secrets, read_secrets, secrets_file
from api.installation.installation import write_redis_configuration
from api.installation.ports import Port, complaint, is_free

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path / "home"))


def test_secrets_are_drawn_once_and_nobody_else_may_read_them() -> None:
    draw_secrets()
    first = read_secrets()
    draw_secrets()
    assert read_secrets() == first
    assert len(set(first.values())) == len(first)
    assert secrets_file().stat().st_mode & 0o077 == 0


def test_a_setting_added_by_hand_is_kept() -> None:
    secrets_file().parent.mkdir()
    secrets_file().write_text("# ours\nOTKLIK_ARI_PASSWORD=chosen-by-hand\nOTKLIK_REDIS_URL=redis://elsewhere/1\n")
    draw_secrets()
    assert read_secrets()["OTKLIK_ARI_PASSWORD"] == "chosen-by-hand"
    assert read_secrets()["OTKLIK_REDIS_URL"] == "redis://elsewhere/1"
    assert "# ours" in secrets_file().read_text()


def test_redis_asks_for_the_drawn_password_on_loopback() -> None:
    draw_secrets()
    path = write_redis_configuration()
    lines = path.read_text().splitlines()
    assert f"requirepass {read_secrets()['OTKLIK_REDIS_PASSWORD']}" in lines
    assert "bind 127.0.0.1" in lines
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_taken_port_is_told_with_the_program_that_holds_it(protocol: str) -> None:
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if protocol == "tcp":
            holder.listen()
        number = holder.getsockname()[1]
        port = Port(part="SIP", host="127.0.0.1", number=number, setting="OTKLIK_SIP_PORT", protocol=protocol)  # type: ignore[arg-type]
        assert not is_free(port)
        told = complaint(port)
    assert "python" in told
    assert "pid" in told
    assert "OTKLIK_SIP_PORT" in told
    assert is_free(port)
