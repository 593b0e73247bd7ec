"""The folder Asterisk runs in: who may read it, what may stand in it, what a second rendering keeps."""

from __future__ import annotations

import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from docker.asterisk.hold_music import CHORD_SECONDS, CHORDS, hold_music
from docker.asterisk.render import RenderError, render
from docker.asterisk.settings import ExchangeSettings
from speech.audio.vad import speech_probabilities
from speech.settings import SettingsError

pytestmark = pytest.mark.unit

SECRETS = {"ari_password": "robots-own-word", "phone_password": "phones-own-word", "agent_password": "agents-own-word"}


def exchange(**values: Any) -> ExchangeSettings:
    return ExchangeSettings(**{**SECRETS, **values})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    return tmp_path


def test_nobody_else_can_read_anything(home: Path) -> None:
    run = home / "run"
    render(exchange(), run)
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    files = [*(run / "etc").iterdir(), *(run / "keys").iterdir()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files if file.is_file()} == {0o600}


def test_each_password_stands_where_it_is_needed_and_nowhere_else(home: Path) -> None:
    render(exchange(), home / "run")
    places = {
        name: {
            file.name for file in (home / "run").rglob("*") if file.is_file() and secret.encode() in file.read_bytes()
        }
        for name, secret in SECRETS.items()
    }
    assert places == {
        "ari_password": {"ari.conf"},
        "phone_password": {"pjsip.conf"},
        "agent_password": {"pjsip.conf"},
    }


def test_robots_door_is_on_loopback_wherever_phones_call(home: Path) -> None:
    render(exchange(sip_bind="0.0.0.0"), home / "run")  # noqa: S104
    assert "bindaddr = 127.0.0.1" in (home / "run/etc/http.conf").read_text().splitlines()
    assert "bind = 0.0.0.0:5060" in (home / "run/etc/pjsip.conf").read_text().splitlines()


def test_trunk_networks_come_from_one_setting(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_TRUNK_MATCH", "10.1.2.3, 192.168.0.0/16")
    render(exchange(), home / "run")
    lines = (home / "run/etc/pjsip.conf").read_text().splitlines()
    assert [line for line in lines if line.startswith("match")] == ["match = 10.1.2.3/32", "match = 192.168.0.0/16"]


@pytest.mark.parametrize(
    ("numbers", "trusted"),
    [("auto", ["203.0.113.0/24"]), ("trusted", ["203.0.113.0/24", "127.0.0.1/32"]), ("claimed", [])],
)
def test_only_an_operators_trunk_gives_numbers_that_are_believed(
    home: Path, monkeypatch: pytest.MonkeyPatch, numbers: str, trusted: list[str]
) -> None:
    """Any program of this machine can ring from the loopback with any number; a telephone of ours has its own."""
    monkeypatch.setenv("OTKLIK_TRUNK_MATCH", "203.0.113.0/24, 127.0.0.1")
    render(exchange(trunk_numbers=numbers), home / "run")
    sections = (home / "run/etc/pjsip.conf").read_text().split("\n[")
    (identified,) = [section for section in sections if section.startswith("trunk]\ntype = identify")] or [""]
    assert re.findall("^match = (.*)$", identified, re.MULTILINE) == trusted
    believed = [section.split("]")[0] for section in sections if "\nset_var = OTKLIK_NUMBER=network" in section]
    assert believed == (["trunk"] if trusted else [])
    for account in ("phone", "agent"):
        (endpoint,) = [section for section in sections if section.startswith(f"{account}](leg)")]
        assert f"callerid = {account} <{account}>" in endpoint
        assert "trust_id_inbound" not in endpoint


@pytest.mark.parametrize(
    "password", ["a;comment-follows", "two-lines\n[evil]x", "back\\slash-in-it", " padded-at-front"]
)
def test_a_password_that_would_change_the_configuration_is_refused_unnamed(home: Path, password: str) -> None:
    with pytest.raises(RenderError, match="phone_password") as refusal:
        render(exchange(phone_password=password), home / "run")
    assert password not in str(refusal.value)


@pytest.mark.parametrize(
    "values",
    [
        {"agent_password": "short"},
        {"sip_port": 70000},
        {"rtp_first": 20000, "rtp_last": 20001},
        {"trunk_match": "the office"},
        {"ari_user": "robot]\n[admin"},
        {"sip_bind": "somewhere"},
    ],
)
def test_settings_that_cannot_work_are_refused(home: Path, values: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="OTKLIK_"):
        exchange(**values)


def test_certificate_stays_until_it_is_about_to_end(home: Path) -> None:
    run = home / "run"
    render(exchange(), run)
    certificate = run / "keys/certificate.pem"
    first = certificate.read_bytes()
    render(exchange(), run)
    assert certificate.read_bytes() == first
    ending: list[str | Path] = ["-days", "1", "-subj", "/CN=old", "-keyout", run / "keys/key.pem", "-out", certificate]
    make: list[str | Path] = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *ending]
    subprocess.run(make, check=True, stderr=subprocess.DEVNULL)
    render(exchange(), run)
    about: list[str | Path] = [
        "openssl",
        "x509",
        "-in",
        certificate,
        "-noout",
        "-checkend",
        str(100 * 86400),
        "-ext",
        "subjectAltName",
    ]
    assert "IP Address:127.0.0.1" in subprocess.run(about, check=True, capture_output=True, text=True).stdout


def test_hold_music_is_soft_seamless_and_no_speech() -> None:
    music = hold_music()
    samples = music.samples[0].astype(float) / 32768
    assert music.duration == len(CHORDS) * CHORD_SECONDS
    assert 20 * np.log10(np.sqrt(np.mean(samples**2))) == pytest.approx(-26, abs=0.1)
    assert abs(samples[0] - samples[-1]) <= np.max(np.abs(np.diff(samples)))
    assert np.max(np.abs(samples)) < 0.5
    assert np.mean(speech_probabilities(music) > 0.5) < 0.02
