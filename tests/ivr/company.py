"""Companies' systems for the tests: the demonstration shop over REST, and one that does whatever a test wants."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.services import ROOT, free_port, wait_until

SECRET = "a secret of the tests"


@dataclass(slots=True, kw_only=True)
class ShopServer:
    """``python -m ivr.business.demo_shop_rest`` on a port of its own; it can be killed and started again."""

    folder: Path
    port: int = field(default_factory=free_port)
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'shop.db'}"

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "ivr.business.demo_shop_rest",
            "--port",
            str(self.port),
            "--database",
            self.database,
        ]
        env = os.environ | {"OTKLIK_HOME": str(self.folder), "OTKLIK_BUSINESS_SECRET": SECRET}
        with (self.folder / "shop.log").open("ab") as log:
            self.running = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_until(self._answers, seconds=60, what=f"the shop to answer, see {self.folder / 'shop.log'}")

    def kill(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@dataclass(slots=True, kw_only=True)
class OddServer:
    """Reads each request whole, then sends what ``answer`` writes to the socket: any bytes, at any pace, or none."""

    url: str
    answer: Callable[[socket.socket], None]
    heard: list[bytes] = field(default_factory=list)
    """Requests, head and body."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set at the end of the test: what is slow gives up."""

    def says(
        self, body: str | bytes, *, status: str = "200 OK", kind: str = "application/json", more: str = ""
    ) -> None:
        """Answer from now on with a proper HTTP response of that body."""
        data = body.encode() if isinstance(body, str) else body
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n{more}\r\n"
        self.answer = lambda line: line.sendall(head.encode() + data)

    def drips(self, data: bytes, *, head: bytes = b"") -> None:
        """Answer from now on with ``head`` at once and then a byte every twentieth of a second."""

        def drip(line: socket.socket) -> None:
            line.sendall(head)
            for byte in data:
                line.sendall(bytes([byte]))
                if self.over.wait(0.05):
                    return

        self.answer = drip

    def hangs(self) -> None:
        """Take requests from now on and say nothing."""
        self.answer = lambda _: _wait(self.over)


def _wait(over: threading.Event) -> None:
    over.wait(30)


@contextmanager
def odd_server() -> Iterator[OddServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = OddServer(url=f"http://127.0.0.1:{listener.getsockname()[1]}", answer=lambda _: None)
    lines: list[threading.Thread] = []

    def accept() -> None:
        with suppress(OSError):  # closed at the end
            while True:
                line, _ = listener.accept()
                lines.append(threading.Thread(target=serve, args=(line,)))
                lines[-1].start()

    def serve(line: socket.socket) -> None:
        with closing(line), suppress(OSError):  # the asker went away
            server.heard.append(_request(line))
            server.answer(line)

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield server
    finally:
        server.over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for line in lines:
            line.join()


def _request(line: socket.socket) -> bytes:
    line.settimeout(10)
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(65536) or b"\r\n\r\n"
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(row.split(b":")[1]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body
