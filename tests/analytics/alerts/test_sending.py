"""Receivers that hang, drip, point elsewhere or are where nobody may go, over real sockets."""

from __future__ import annotations

import smtplib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from pydantic import SecretStr
from sqlalchemy import Engine

from analytics.alerts import channels, read_alerts
from analytics.alerts.alerting import watch
from analytics.alerts.sending import Sender, deliver
from analytics.alerts.settings import AlertSettings
from analytics.errors import NotDelivered
from tests.analytics.alerts.test_alerting import HERE, NOW, SECRET, call, court, receiver, states
from tests.services import free_port

pytestmark = pytest.mark.services

SETTINGS = AlertSettings(alert_secret=SecretStr(SECRET), webhook_networks=[HERE])
SHORT = 0.6
"""Seconds of a delivery in these tests."""


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "DEADLINE_SECONDS", SHORT)


@contextmanager
def dripping(drips: bytes) -> Iterator[tuple[str, list[float]]]:
    """Takes connections and says one byte every tenth of a second, over and over; nothing if there is nothing."""
    ended, met, threads = threading.Event(), list[float](), list[threading.Thread]()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def hold(peer: socket.socket) -> None:
            with peer:
                while not ended.wait(0.1):
                    try:
                        peer.sendall(drips[:1])
                    except OSError:
                        return

        def take() -> None:
            while not ended.is_set():
                try:
                    peer, _ = server.accept()
                except TimeoutError:
                    continue
                met.append(time.monotonic())
                threads.append(threading.Thread(target=hold, args=(peer,)))
                threads[-1].start()

        threads.append(threading.Thread(target=take))
        threads[0].start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/hook", met
        finally:
            ended.set()
            for thread in threads:
                thread.join()


def several(*urls: str, each: int = 1) -> str:
    """Alerts of one word: ``each`` for every receiver."""
    rules = (
        f"- name: a{number}_{copy}\n  title: {{ru: Суд}}\n  all: [{{said: {{ru: [суд]}}, speaker: caller}}]\n"
        f"  send: {{webhook: ['{url}']}}\n"
        for number, url in enumerate(urls)
        for copy in range(each)
    )
    return "alerts:\n" + "".join(rules)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("drips", [b"", b"H"], ids=["hangs", "drips"])
def test_who_hangs_or_drips_delays_only_themselves(database: Engine, drips: bytes) -> None:
    call(database, caller="суд")
    with dripping(drips) as (slow, met), dripping(drips) as (slower, _), receiver() as program:
        watch(database, read_alerts(several(slow, slower, program.url, each=3)), SETTINGS, NOW)
        sender = Sender(database, SETTINGS, threads=4)
        began = time.monotonic()
        assert sender.send_due(NOW) == 9
        assert time.monotonic() - began < SHORT  # a worker's thread does not wait
        sender.wait()
        assert time.monotonic() - began < 10 * SHORT
        assert len(program.got) == 3
        assert len(met) == 1  # the other two were not tried
        assert sender.send_due(NOW) == 0
        sender.close()
    found = states(database)
    assert sorted(attempts for _, state, attempts, _ in found if state == "waiting") == [0, 0, 0, 0, 1, 1]
    assert {log[0] for *_, log in found if log} == {"200", f"no answer within {SHORT:g} s"}


@pytest.mark.usefixtures("short")
def test_those_that_failed_have_half_of_the_threads(database: Engine) -> None:
    call(database, caller="суд")
    with dripping(b"") as (first, _), dripping(b"") as (second, _), receiver() as program:
        watch(database, read_alerts(several(first, second)), SETTINGS, NOW)
        sender = Sender(database, SETTINGS, threads=2)
        sender.send_due(NOW)
        sender.wait()
        call(database, "2.7", caller="суд")
        watch(database, read_alerts(several(first, second, program.url)), SETTINGS, NOW)
        later = NOW.replace(minute=1)
        assert sender.send_due(later) >= 2
        sender.wait()
        sender.close()
        assert program.got


def test_inside_nothing_is_reached_unless_it_is_allowed(database: Engine) -> None:
    call(database, caller="суд")
    with receiver() as program:
        port = program.url.split(":")[2]
        urls = [
            program.url,
            f"http://localhost:{port}",
            f"http://[::ffff:127.0.0.1]:{port}",
            f"http://2130706433:{port}",
        ]
        watch(database, read_alerts(several(*urls)), SETTINGS, NOW)
        deliver(database, AlertSettings(alert_secret=SecretStr(SECRET)), NOW)
        assert program.got == []
        assert all("OTKLIK_WEBHOOK_NETWORKS" in log[0] for *_, log in states(database))
        deliver(database, SETTINGS, NOW.replace(hour=13))
        assert len(program.got) >= 3


def test_nobody_follows_where_an_answer_points_to(database: Engine) -> None:
    call(database, caller="суд")
    with receiver() as inner, receiver() as outer:
        outer.answers = [307]
        outer.location = inner.url
        watch(database, read_alerts(court(outer.url)), SETTINGS, NOW)
        deliver(database, SETTINGS, NOW)
        assert (len(outer.got), inner.got) == (1, [])
    assert states(database)[0][3] == ["the receiver answered 307"]


def test_a_name_that_means_another_machine_a_moment_later(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    call(database, caller="суд")
    real, answers = socket.getaddrinfo, ["127.0.0.1", "127.0.0.99", "127.0.0.99"]

    def rebound(host: str, *rest: object, **more: object) -> object:
        return real(answers.pop(0) if host == "receiver.example" else host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    with receiver() as program:
        watch(database, read_alerts(court(program.url.replace("127.0.0.1", "receiver.example"))), SETTINGS, NOW)
        deliver(database, SETTINGS, NOW)
        ((headers, _),) = program.got
    assert headers["host"].startswith("receiver.example:")
    assert len(answers) == 2


class _Box:
    """Takes one user's letters."""

    def __init__(self) -> None:
        self.letters: list[Envelope] = []
        self.passwords: list[bytes] = []

    async def handle_DATA(self, _server: object, _session: object, letter: Envelope) -> str:  # noqa: N802
        self.letters.append(letter)
        return "250 OK"

    def authenticate(self, _s: object, _session: object, _e: object, _m: str, login: object) -> AuthResult:
        self.passwords.append(login.password)  # type: ignore[attr-defined]
        return AuthResult(success=True)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's, which this process trusts."""
    key, chain = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(chain)]
    subprocess.run(command, check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


@pytest.mark.parametrize("way", ["starttls", "implicit"])
def test_mail_over_tls(database: Engine, certificate: ssl.SSLContext, way: str) -> None:
    box, port = _Box(), free_port()
    tls = {"ssl_context": certificate} if way == "implicit" else {"tls_context": certificate, "require_starttls": True}
    controller = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=box.authenticate, auth_require_tls=way == "starttls", **tls
    )
    settings = AlertSettings(
        smtp_host="127.0.0.1", smtp_port=port, smtp_tls=way,  # type: ignore[arg-type]
        smtp_user="otklik", smtp_password=SecretStr("secret"),
        mail_from="otklik@example.com",
    )  # fmt: skip
    controller.start()
    try:
        call(database, caller="суд")
        watch(database, read_alerts(court(mail="boss@example.com")), settings, NOW)
        deliver(database, settings, NOW)
    finally:
        controller.stop()
    assert states(database)[0][3] == ["taken by the mail server"]
    assert (len(box.letters), box.passwords) == (1, [b"secret"])


@pytest.mark.usefixtures("short")
def test_a_mail_server_that_drips_is_cut_off(database: Engine) -> None:
    call(database, caller="суд")
    with dripping(b"2") as (url, met):
        port = int(url.split(":")[2].split("/")[0])
        settings = AlertSettings(smtp_host="127.0.0.1", smtp_port=port, mail_from="otklik@example.com")
        watch(database, read_alerts(court(mail="boss@example.com")), settings, NOW)
        began = time.monotonic()
        deliver(database, settings, NOW)
        assert time.monotonic() - began < 10 * SHORT
        assert met
    assert states(database)[0][1] == "waiting"


@pytest.mark.parametrize("wanted", [False, True])
def test_a_password_is_not_said_where_others_may_hear_it(wanted: bool) -> None:
    class Elsewhere:
        def getpeername(self) -> tuple[str, int]:
            return ("192.0.2.1", 25)

    server = smtplib.SMTP()
    server.sock = Elsewhere()  # type: ignore[assignment]
    settings = AlertSettings(smtp_user="u", smtp_password=SecretStr("p"), smtp_password_in_clear=wanted)
    if wanted:
        with pytest.raises((AttributeError, smtplib.SMTPException)):  # it goes on to talk to the server
            channels._log_in(server, settings)
    else:
        with pytest.raises(NotDelivered, match="OTKLIK_SMTP_TLS"):
            channels._log_in(server, settings)


@pytest.mark.parametrize(("written", "meant"), [("true", "starttls"), ("0", "no"), ("implicit", "implicit")])
def test_what_was_yes_or_no_still_reads(monkeypatch: pytest.MonkeyPatch, written: str, meant: str) -> None:
    monkeypatch.setenv("OTKLIK_SMTP_TLS", written)
    assert AlertSettings().smtp_tls == meant
