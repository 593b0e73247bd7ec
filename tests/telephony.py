"""A real Asterisk, the robot and SIP telephones for the tests: on free ports, in temporary folders, ended by pid."""

from __future__ import annotations

import base64
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from docker.asterisk.announcements import write_announcements
from docker.asterisk.render import render
from docker.asterisk.settings import ExchangeSettings
from ivr.simulation.softphone import Account, Softphone, open_softphone
from speech.settings import SpeechSettings, home
from tests.services import ROOT, free_port, wait_until

RTP_PORTS = 120
"""Ports of one exchange: room for thirty calls."""


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One Asterisk that can be stopped, killed and started again on the same ports."""

    settings: ExchangeSettings
    folder: Path
    running: subprocess.Popen[bytes] | None = None

    @property
    def server(self) -> str:
        """Where telephones call over UDP."""
        return f"127.0.0.1:{self.settings.sip_port}"

    @property
    def environment(self) -> dict[str, str]:
        """Settings of everything else that talks with this exchange."""
        values = self.settings.model_dump(exclude={"trunk_match"})
        return {
            f"OTKLIK_{name.upper()}": str(getattr(value, "get_secret_value", lambda value=value: value)())
            for name, value in values.items()
        }

    @property
    def is_running(self) -> bool:
        return self.running is not None and self.running.poll() is None

    @property
    def log(self) -> Path:
        return self.folder / "asterisk.log"

    def start(self) -> None:
        program = home() / "asterisk" / "asterisk"
        configuration = render(self.settings, self.folder / "run", home() / "asterisk" / "root")
        spoken = SpeechSettings(prompts_dir=self.folder / "prompts")
        write_announcements(self.folder / "run", spoken)
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [program, "-f", "-n", "-C", configuration], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_until(self._is_ready, seconds=20, what=f"Asterisk to answer on port {self.settings.ari_port}")

    def stop(self) -> None:
        """End it in order: Asterisk says good-bye to its calls."""
        if self.running is None:
            return
        self.running.terminate()
        try:
            self.running.wait(10)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
        self.running = None

    def kill(self) -> None:
        """End it as a crash does: nobody is told."""
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None

    def ari(self, path: str, method: str = "GET", body: dict[str, Any] | None = None) -> Any:
        """What ARI answers; None for 404.

        Raises:
            OSError: nobody answers there.
        """
        request = urllib.request.Request(f"http://127.0.0.1:{self.settings.ari_port}/ari/{path}", method=method)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        secret = self.settings.ari_password.get_secret_value()
        login = base64.b64encode(f"{self.settings.ari_user}:{secret}".encode()).decode()
        request.add_header("Authorization", f"Basic {login}")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404:
                    return None
                raise

    def channels(self) -> list[str]:
        """Names of all channels there are."""
        return [channel["name"] for channel in self.ari("channels")]

    def bridges(self) -> list[str]:
        return [bridge["id"] for bridge in self.ari("bridges")]

    def wait_idle(self, seconds: float = 10) -> None:
        """Nothing of any call is left: no channel, snoop or bridge."""
        wait_until(
            lambda: not self.channels() and not self.bridges(),
            seconds=seconds,
            what=f"Asterisk to be idle; left are {self.channels()} and bridges {self.bridges()}",
        )

    def _is_ready(self) -> bool:
        if not self.is_running:
            pytest.fail(f"Asterisk did not start:\n{self.log.read_text()[-2000:]}")
        try:
            return bool(self.ari("asterisk/info"))
        except OSError:
            return False


def exchange_settings(**values: Any) -> ExchangeSettings:
    """Free ports and fresh passwords; callers ring as over an operator's trunk, unless a test says otherwise."""
    rtp = _free_rtp_ports()
    ports = {"sip_port": _free_udp_port(), "sip_tls_port": free_port(), "ari_port": free_port()}
    drawn = {name: secrets.token_urlsafe(12) for name in ("ari_password", "phone_password", "agent_password")}
    ports |= {"rtp_first": rtp, "rtp_last": rtp + RTP_PORTS - 1}
    return ExchangeSettings(**{"trunk_numbers": "trusted", **ports, **drawn, **values})


def _free_udp_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _free_rtp_ports() -> int:
    """First port of a range below the system's own choices; another Asterisk in it would only make ours step aside."""
    return random.randrange(10000, 32000 - RTP_PORTS, 2)


@pytest.fixture(scope="session")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    if not (home() / "asterisk" / "asterisk").exists():
        pytest.fail(f"no Asterisk in {home() / 'asterisk'}: docker/install-asterisk.sh {home() / 'asterisk'}")
    exchange = Exchange(settings=exchange_settings(), folder=tmp_path_factory.mktemp("ast"))
    yield exchange
    exchange.stop()


@pytest.fixture
def asterisk(exchange: Exchange) -> Iterator[Exchange]:
    """A running, idle Asterisk. A test may stop, kill and start it; what a test leaves in it ends with a restart."""
    if not exchange.is_running:
        exchange.start()
    for stored in exchange.ari("recordings/stored"):  # of calls whose robot ended with an earlier test
        exchange.ari(f"recordings/stored/{stored['name']}", "DELETE")
    yield exchange
    if exchange.is_running and (exchange.channels() or exchange.bridges()):
        exchange.stop()


OpenPhone = Callable[..., Awaitable[Softphone]]


@pytest.fixture
async def softphones(asterisk: Exchange, tmp_path: Path) -> AsyncIterator[OpenPhone]:
    """Opens telephones of ``asterisk``: ``await softphones("+79161234567")``, ``await softphones("agent")``.

    ``agent`` and ``phone`` know their passwords; the agent registers.
    """
    async with AsyncExitStack() as stack:

        async def open_phone(
            user: str,
            *,
            transport: Literal["udp", "tls"] = "udp",
            register: bool | None = None,
            password: str | None = None,
            certificate: Path = asterisk.folder / "run" / "keys" / "certificate.pem",
        ) -> Softphone:
            known = {"agent": asterisk.settings.agent_password, "phone": asterisk.settings.phone_password}
            if password is None:
                password = known[user].get_secret_value() if user in known else ""
            account = Account(
                user=user,
                server=asterisk.server if transport == "udp" else f"127.0.0.1:{asterisk.settings.sip_tls_port}",
                password=password,
                transport=transport,
                certificate=str(certificate),
                register=user == "agent" if register is None else register,
            )
            folder = tmp_path / f"phone-{user.lstrip('+')}-{secrets.token_hex(2)}"
            return await stack.enter_async_context(open_softphone(account, folder))

        yield open_phone


@dataclass(slots=True, kw_only=True)
class Robot:
    """One ``python -m ivr`` with its own home, database and shop; it can be stopped, killed and started again."""

    exchange: Exchange
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    running: subprocess.Popen[bytes] | None = None
    said_before: int = 0
    """Bytes of the log that earlier starts have left."""

    @property
    def log(self) -> Path:
        return self.folder / "robot.log"

    @property
    def database_url(self) -> str:
        return self.environment.get("OTKLIK_DATABASE_URL", f"sqlite:///{self.folder / 'otklik.db'}")

    def launch(self, **environment: str) -> None:
        """Start it without waiting until it is ready."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}
        own = {
            "OTKLIK_HOME": str(self.folder),
            "OTKLIK_MODELS_DIR": str(home() / "models"),
            "OTKLIK_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",  # nobody there, unless a test says otherwise
        }
        with self.log.open("ab") as log:
            self.said_before = log.tell()
            self.running = subprocess.Popen(
                [sys.executable, "-m", "ivr"],
                env={**kept, **own, **self.exchange.environment, **self.environment, **environment},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def start(self, **environment: str) -> None:
        self.launch(**environment)
        wait_until(self._is_ready, seconds=90, what=f"the robot to take calls; see {self.log}")

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        if self.running is None:
            return 0
        self.running.terminate()
        try:
            return self.running.wait(10)
        except subprocess.TimeoutExpired:
            self.running.kill()
            return self.running.wait()
        finally:
            self.running = None

    def kill(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None

    def _is_ready(self) -> bool:
        if self.running is None or self.running.poll() is not None:
            pytest.fail(f"the robot did not start:\n{self.log.read_text()[-4000:]}")
        # Asterisk remembers the application of a robot that was killed, so only this one's own word counts
        return b"taking calls" in self.log.read_bytes()[self.said_before :]


@pytest.fixture(scope="session")
def prompts_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prompts rendered by one robot serve the next one too."""
    return tmp_path_factory.mktemp("prompts")


@pytest.fixture
def robot(asterisk: Exchange, tmp_path: Path, prompts_dir: Path) -> Iterator[Robot]:
    """A robot of this test alone, not started yet: ``robot.start(OTKLIK_ENGINE="vosk")``."""
    folder = tmp_path / "robot"
    folder.mkdir()
    robot = Robot(exchange=asterisk, folder=folder, environment={"OTKLIK_PROMPTS_DIR": str(prompts_dir)})
    yield robot
    robot.stop()
