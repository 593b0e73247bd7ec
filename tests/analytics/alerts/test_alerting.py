"""Alerts of live, finished and rated calls, and their way to a mailbox and a program, over real servers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Network

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr
from sqlalchemy import Engine
from typing_extensions import override

from analytics.alerts import read_alerts
from analytics.alerts.alerting import alert_of_recording, alert_rules, watch
from analytics.alerts.channels import signature
from analytics.alerts.sending import deliver
from analytics.alerts.settings import AlertSettings
from analytics.rules.rule_input import RuleInput
from analytics.rules.run import Analysis
from recordings.alerts.alerts import Alert, DeliveryState, deliveries_of, list_alerts, send_again, take_due
from recordings.calls.callbacks import open_callbacks
from recordings.calls.facts import CallFacts
from recordings.database import reading, transaction
from recordings.results.acoustics import Acoustics
from recordings.results.finding import Evidence, Measures
from recordings.tables import CallRow, CustomerRow, LegRow, RecordingRow, SurveyRow, TurnRow
from speech.recognition.words import Speaker, Transcript, Utterance
from tests.services import free_port

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "a secret of the installation"
HERE = IPv4Network("127.0.0.0/8")
PHONE = "+79161234567"


@dataclass(slots=True)
class Receiver:
    """A program that takes webhooks, and answers as told."""

    url: str
    answers: list[int] = field(default_factory=list)
    """Statuses, one a request; then 200."""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    location: str = ""
    """Where its answers point to."""


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(state.answers.pop(0) if state.answers else 200)
            if state.location:
                self.send_header("location", state.location)
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the terminal of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    state = Receiver(url=f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def call(database: Engine, id_: str = "1.7", *, segment: str = "vip", ended: bool = False, **turns: str) -> None:
    """A call that began two minutes ago; turns by speaker, ten seconds apart."""
    with transaction(database) as db:
        if db.get(CustomerRow, "anna") is None:
            db.add(CustomerRow(id="anna", name="Анна", phone=PHONE, language="ru", segment=segment, created_at=NOW))
            db.flush()
        db.add(
            CallRow(
                id=id_, started_at=NOW - timedelta(seconds=120), answered_at=NOW - timedelta(seconds=120),
                ended_at=NOW if ended else None, caller_number=PHONE, extension="1000", language="ru", scenario="s",
                scenario_version="v", engine="e", customer_id="anna", facts=None,
            )
        )  # fmt: skip
        db.flush()
        for number, (speaker, text) in enumerate(turns.items()):
            db.add(
                TurnRow(
                    call_id=id_, number=number, speaker=speaker, node="n", start=10 * number, end=10 * number + 5,
                    text=text, confidence=0.9,
                )
            )  # fmt: skip


def alerts(database: Engine) -> list[Alert]:
    with reading(database) as db:
        return list_alerts(db)


def states(database: Engine) -> list[tuple[str, str, int, list[str]]]:
    with reading(database) as db:
        found = deliveries_of(db, [alert.id for alert in list_alerts(db)])
    return [(d.channel, d.state, d.attempts, [line["what"] for line in d.log]) for ds in found.values() for d in ds]


def court(url: str = "", mail: str = "", *, callback: bool = False) -> str:
    ways = f"webhook: [{url}]" if url else f"mail: [{mail}]" if mail else ""
    return (
        "alerts:\n- name: court\n  title: {ru: Упомянут суд}\n  all: [{said: {ru: [суд]}, speaker: caller}]\n"
        f"  send: {{{ways}}}\n  callback: {str(callback).lower()}\n"
    )


def test_a_live_call_raises_an_alert_once(database: Engine) -> None:
    call(database, robot="Чем помочь?", caller="я подам на вас в суд, мой номер восемь девятьсот шестнадцать")
    rules = read_alerts(court(callback=True))
    assert watch(database, rules, AlertSettings(), NOW) == 1
    assert watch(database, rules, AlertSettings(), NOW + timedelta(seconds=5)) == 0
    (alert,) = alerts(database)
    assert (alert.rule, alert.contact_id, alert.state) == ("court", "1.7", "new")
    assert alert.evidence is not None
    assert (alert.evidence.start, alert.evidence.end) == (10, 15)
    with reading(database) as db:
        (waiting,) = open_callbacks(db)
    assert waiting.phone == PHONE
    assert waiting.reason.startswith("Упомянут суд")


def test_silence_counts_only_while_the_robot_has_the_call(database: Engine) -> None:
    call(database, caller="алло")
    rules = read_alerts("alerts: [{name: quiet, title: {ru: Тишина}, all: [{silence: 60}]}]")
    with transaction(database) as db:
        db.add(LegRow(call_id="1.7", channel="PJSIP/agent-1", speaker=Speaker.AGENT, started=8, ended=None))
    assert watch(database, rules, AlertSettings(), NOW) == 0
    call(database, "2.7", robot="Назовите номер заказа")
    assert watch(database, rules, AlertSettings(), NOW) == 1
    assert [alert.evidence for alert in alerts(database)] == [Evidence(start=5, end=120)]


def test_a_caller_who_refused_is_not_watched(database: Engine) -> None:
    call(database, caller="суд")
    with transaction(database) as db:
        db.get_one(CallRow, "1.7").consent = False
    assert watch(database, read_alerts(court()), AlertSettings(), NOW) == 0


def test_a_bad_rating_makes_a_callback(database: Engine) -> None:
    call(database, ended=True)
    with transaction(database) as db:
        db.add(SurveyRow(id="s", call_id="1.7", asked_at=NOW, answered_at=NOW, rating=1))
    rules = alert_rules(database)
    assert [watch(database, rules, AlertSettings(), NOW) for _ in range(2)] == [1, 0]
    with reading(database) as db:
        assert [waiting.phone for waiting in open_callbacks(db)] == [PHONE]


def test_a_finished_recording_raises_in_the_transaction_of_its_analysis(database: Engine) -> None:
    call(database, ended=True)
    with transaction(database) as db:
        db.add(
            RecordingRow(
                id="r", sha256="r", key="k", filename="f", call_id="1.7", language="ru", duration=9, rate=8000,
                channels=2, size=1, created_at=NOW, state="transcribed", due_at=NOW,
            )
        )  # fmt: skip
    said = Utterance(speaker=Speaker.CALLER, start=1, end=3, text="увидимся в суде")
    heard = RuleInput(
        transcript=Transcript(language="ru", engine="e", duration=9, utterances=(said,)),
        acoustics=Acoustics(
            version="1", duration=9, speech=((), ()), levels=((), ()), lufs=(None, None), pitch=(None, None)
        ),
        meaning=None,
        call=CallFacts(contact_id="1.7", language="ru", imported=False),
    )  # fmt: skip
    analysis = Analysis(rule_set="v", findings=(), measures=Measures(duration=9))
    keep = {"recording_id": "r", "heard": heard, "analysis": analysis, "now": NOW}
    rules, settings = read_alerts(court()), AlertSettings()

    def fail_after_it() -> None:
        with transaction(database) as db:
            assert alert_of_recording(db, rules, settings, **keep) == 1  # type: ignore[arg-type]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_it()
    assert alerts(database) == []
    with transaction(database) as db:
        assert alert_of_recording(db, rules, settings, **keep) == 1  # type: ignore[arg-type]
    assert [alert.recording_id for alert in alerts(database)] == ["r"]


def test_a_webhook_is_signed_and_holds_nothing_private(database: Engine) -> None:
    call(database, caller="суд, мой номер восемь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь")
    settings = AlertSettings(alert_secret=SecretStr(SECRET), webhook_networks=[HERE], web_url="https://otklik.example")
    with receiver() as program:
        watch(database, read_alerts(court(program.url)), settings, NOW)
        assert deliver(database, settings, NOW) == 1
        assert deliver(database, settings, NOW) == 0
        ((headers, body),) = program.got
    stamp = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == signature(SECRET, headers["webhook-id"], stamp, body)
    assert stamp == int(NOW.timestamp())
    sent = json.loads(body)
    assert (sent["alert"], sent["contact"], sent["segment"]) == ("court", "1.7", "vip")
    assert sent["link"] == "https://otklik.example/calls/1.7?t=0"
    assert "шестьдесят семь" not in sent["quote"]
    assert PHONE not in body.decode()
    assert states(database) == [("webhook", "sent", 1, ["200"])]


def test_a_receiver_that_is_down_for_a_day_gets_it_when_it_is_back(database: Engine) -> None:
    port = free_port()
    settings = AlertSettings(alert_secret=SecretStr(SECRET), webhook_networks=[HERE])
    call(database, caller="суд")
    watch(database, read_alerts(court(f"http://127.0.0.1:{port}/hook")), settings, NOW)
    now, tries = NOW, 0
    while now < NOW + timedelta(days=1):
        tries += deliver(database, settings, now)
        now += timedelta(minutes=10)
    assert 20 < tries < 60  # neither silence nor a storm
    with receiver(port) as program:
        assert deliver(database, settings, now + timedelta(hours=1)) == 1
        assert len(program.got) == 1
    ((_, state, attempts, log),) = states(database)
    assert (state, attempts) == ("sent", tries + 1)
    assert log[-1] == "200"
    assert "ConnectError" in log[-2]
    assert len(log) == 20


def test_500_is_tried_again_410_is_not_and_three_days_are_the_end(database: Engine) -> None:
    settings = AlertSettings(alert_secret=SecretStr(SECRET), webhook_networks=[HERE])
    with receiver() as program:
        program.answers = [500, 503, 302, 410]
        call(database, caller="суд")
        watch(database, read_alerts(court(program.url)), settings, NOW)
        for hour in range(5):
            deliver(database, settings, NOW + timedelta(hours=hour))
        assert len(program.got) == 4
        ((_, state, _, log),) = states(database)
        assert state == "given_up"
        assert [line.split()[-1] for line in log[:3]] == ["500", "503", "302"]
        assert len({headers["webhook-id"] for headers, _ in program.got}) == 1
    call(database, "2.7", caller="суд")
    late = NOW + timedelta(days=4)
    assert watch(database, read_alerts(court(program.url)), settings, NOW + timedelta(seconds=1)) == 1
    deliver(database, settings, late)
    with reading(database) as db:
        (lost,) = (
            d for ds in deliveries_of(db, [a.id for a in list_alerts(db)]).values() for d in ds if d.attempts == 1
        )
    assert lost.state is DeliveryState.GIVEN_UP
    with transaction(database) as db:
        assert send_again(db, lost.id, late)
    with receiver(int(program.url.split(":")[2].split("/")[0])):
        assert deliver(database, settings, late) == 1


def test_without_a_secret_it_waits_and_says_so(database: Engine) -> None:
    call(database, caller="суд")
    watch(database, read_alerts(court("http://127.0.0.1:9/hook")), AlertSettings(), NOW)
    deliver(database, AlertSettings(alert_secret=SecretStr("")), NOW)
    ((_, state, _, log),) = states(database)
    assert state == "waiting"
    assert "OTKLIK_ALERT_SECRET" in log[0]


def test_a_sender_that_dies_leaves_the_delivery_to_the_next(database: Engine) -> None:
    settings = AlertSettings(alert_secret=SecretStr(SECRET), webhook_networks=[HERE])
    with receiver() as program:
        call(database, caller="суд")
        watch(database, read_alerts(court(program.url)), settings, NOW)
        assert len(take_due(database, limit=5, lease=60, now=NOW)) == 1  # and is killed here
        assert deliver(database, settings, NOW + timedelta(seconds=59)) == 0
        assert deliver(database, settings, NOW + timedelta(seconds=61)) == 1
        assert len(program.got) == 1


@dataclass
class Mailbox:
    letters: list[Envelope] = field(default_factory=list)

    # aiosmtpd names its hooks itself
    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, letter: Envelope, to: str, _options: list[str]
    ) -> str:
        if to.startswith("gone@"):
            return "550 no such mailbox"
        letter.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, letter: Envelope) -> str:  # noqa: N802
        self.letters.append(letter)
        return "250 OK"


def test_a_mail_arrives_in_the_callers_language_and_an_unknown_mailbox_is_given_up(database: Engine) -> None:
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    settings = AlertSettings(smtp_host="127.0.0.1", smtp_port=port, mail_from="otklik@example.com")
    controller.start()
    try:
        call(database, caller="суд")
        rules = read_alerts(court(mail="boss@example.com, gone@example.com"))
        watch(database, rules, settings, NOW)
        assert deliver(database, settings, NOW) == 2
    finally:
        controller.stop()
    (envelope,) = box.letters
    letter = message_from_bytes(bytes(envelope.content or b""), policy=default)
    assert letter["Subject"] == "Otklik: Упомянут суд"
    text = letter.get_body().get_content()  # type: ignore[union-attr]
    assert "Слова: суд" in text
    assert "/calls/1.7?t=0" in text
    assert "67" in text
    assert PHONE not in text
    assert sorted((state, what[-1]) for _, state, _, what in states(database)) == [
        ("given_up", "550 no such mailbox"),
        ("sent", "taken by the mail server"),
    ]
