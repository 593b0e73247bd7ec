"""`otklik` without a server: results on stdout, everything else on stderr, exit codes that tell."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recordings.calls.call_log import close_call, note_turn, open_call
from recordings.contacts.call import Call, Outcome, Turn
from recordings.database import connect, transaction
from recordings.learning.samples import keep_examples
from speech.recognition.words import Speaker
from speech.settings import home
from tests.services import ROOT
from tests.sounds import encoded

pytestmark = pytest.mark.models

HUMAN = Path("/usr/share/asterisk/sounds/en_US_f_Allison/vm-goodbye.wav")


@pytest.fixture
def otklik(tmp_path: Path) -> Otklik:
    return Otklik(tmp_path)


class Otklik:
    """The program with a home of its own and the models of this machine."""

    def __init__(self, folder: Path) -> None:
        self.env = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "OTKLIK_HOME": str(folder / "home"),
            "OTKLIK_MODELS_DIR": str(home() / "models"),
        }

    def __call__(self, *arguments: object, given: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("otklik")), *map(str, arguments)]
        return subprocess.run(
            command, env=self.env, cwd=ROOT, input=given, capture_output=True, text=True, check=False, timeout=110
        )


def test_transcribe_prints_one_object_a_file(otklik: Otklik) -> None:
    done = otklik("transcribe", HUMAN, "--language", "en", "--json")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    body = json.loads(line)
    assert body["file"] == str(HUMAN)
    assert body["engine"].startswith(("vosk", "faster-whisper"))
    (utterance,) = body["utterances"]
    assert utterance["text"].lower().strip(" .!") == "goodbye"
    assert utterance["speaker"] == "unknown"
    assert utterance["channel"] == 0
    assert 0 <= utterance["start"] < utterance["end"] <= body["duration"] + 0.1
    assert utterance["words"][0]["confidence"] > 0.3


def test_a_file_that_is_no_sound_is_told_and_the_others_go_on(otklik: Otklik, tmp_path: Path) -> None:
    letter = tmp_path / "letter.mp3"
    letter.write_text("Dear Sir or Madam")
    done = otklik("transcribe", letter, HUMAN, "--language", "en", "--json")
    assert done.returncode == 1
    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == [str(HUMAN)]
    assert "letter.mp3" in done.stderr
    assert "Traceback" not in done.stderr


def test_analyse_needs_no_server(otklik: Otklik) -> None:
    done = otklik("analyse", HUMAN, "--language", "en", "--json")
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert body["utterances"]
    assert body["measures"]["duration"] > 0
    assert isinstance(body["findings"], list)


def test_a_language_without_a_model_says_how_to_get_one(otklik: Otklik) -> None:
    done = otklik("transcribe", HUMAN, "--language", "de")
    assert done.returncode == 1
    assert "otklik models" in done.stderr
    assert "Traceback" not in done.stderr


def test_import_takes_each_file_once_and_says_what_it_could_not_take(otklik: Otklik, tmp_path: Path) -> None:
    folder = tmp_path / "brought"
    folder.mkdir()
    encoded(folder / "a.mp3", codec="mp3", rate=44_100, channels=2, seconds=1.0)
    (folder / "same.mp3").write_bytes((folder / "a.mp3").read_bytes())
    (folder / "empty.wav").touch()
    otklik.env["OTKLIK_REDIS_URL"] = "redis://127.0.0.1:9/0"  # nobody is there
    done = otklik("import", folder, "--language", "en")
    assert done.returncode == 1
    assert "1 taken, 1 were there already, 1 failed" in done.stderr
    assert "empty.wav" in done.stderr
    assert "wait in the table" in done.stderr
    listed = otklik("calls", "list", "--json")
    (contact,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert contact["kind"] == "import"
    assert contact["state"] == "registered"
    shown = otklik("calls", "show", contact["id"], "--json")
    assert json.loads(shown.stdout)["recording"]["channels"] == 2
    retried = otklik("calls", "retry", contact["id"])
    assert retried.returncode == 1
    assert "not parked" in retried.stderr


def test_a_name_that_is_no_text_is_taken_and_printed_escaped(otklik: Otklik, tmp_path: Path) -> None:
    """Failed before: the import ended in a traceback, and printing the file's name would have."""
    folder = tmp_path / "in"
    folder.mkdir()
    file = folder / os.fsdecode(b"\xcf\xf0\xe8.wav")  # of an old Windows
    shutil.copyfile(HUMAN, file)
    otklik.env["OTKLIK_REDIS_URL"] = "redis://127.0.0.1:9/0"  # nobody is there
    done = otklik("import", folder, "--language", "en")
    assert "1 taken" in done.stderr
    done = otklik("transcribe", file, "--language", "en", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["file"] == str(file)


def test_an_address_that_is_no_text_is_refused_in_words(otklik: Otklik, tmp_path: Path) -> None:
    for address in (b"+7916\xff", b"x\xff", b"\xff@example.org"):
        done = otklik("privacy", "export", "--out", tmp_path / "all.zip", os.fsdecode(address))
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "codec" not in done.stderr


def test_users_are_made_with_a_password_from_stdin(otklik: Otklik) -> None:
    nothing = otklik("users", "add", "olga", given="a long password\n")
    assert nothing.returncode == 2  # it made an administrator of everybody
    assert "--role" in nothing.stderr
    assert otklik("users", "add", "olga", "--role", "admin", given="a long password\n").returncode == 0
    again = otklik("users", "add", "olga", "--role", "admin", given="a long password\n")
    assert again.returncode == 1
    assert "taken" in again.stderr
    short = otklik("users", "password", "olga", given="short\n")
    assert short.returncode == 1
    token = otklik("users", "token", "olga")
    assert token.stdout.startswith("otk_")


def test_doctor_says_what_to_do(otklik: Otklik) -> None:
    done = otklik("doctor", "--json")
    checks = {check["name"]: check for check in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 1
    assert not checks["pages"]["ok"]
    assert checks["pages"]["remedy"]
    assert checks["hears en"]["ok"]


def test_doctor_names_a_stranger_on_our_port(otklik: Otklik) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        number = stranger.getsockname()[1]
        otklik.env["OTKLIK_WEB_PORT"] = str(number)
        secrets = Path(otklik.env["OTKLIK_HOME"]) / "otklik.env"
        secrets.parent.mkdir()
        names = ("ARI", "PHONE", "AGENT")
        secrets.write_text("".join(f"OTKLIK_{name}_PASSWORD=long-enough-for-a-test\n" for name in names))
        done = otklik("doctor", "--json")
    checks = {check["name"]: check for check in map(json.loads, done.stdout.splitlines())}
    port = checks[f"pages tcp {number}"]
    assert not port["ok"]
    assert "python" in port["remedy"]
    assert "OTKLIK_WEB_PORT" in port["remedy"]


def test_scenarios_and_dictionaries_of_the_project_are_sound(otklik: Otklik) -> None:
    scenarios = sorted((ROOT / "ivr" / "scenarios").glob("*.yaml"))
    assert otklik("scenario", "check", *scenarios).returncode == 0
    assert otklik("dictionary", "check", ROOT / "analytics" / "dictionaries").returncode == 0


def test_a_faulty_scenario_is_told_with_file_and_line(otklik: Otklik, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text("name: faulty\nlanguage: en\nstart: nowhere\n")
    done = otklik("scenario", "check", faulty)
    assert done.returncode == 1
    assert f"{faulty}:" in done.stdout


def test_a_phrase_the_robot_failed_on_is_labelled_and_learned_and_a_model_not_compared_is_refused(
    otklik: Otklik, tmp_path: Path
) -> None:
    assert otklik("learn", "candidates", "--language", "en").stdout == "Nothing waits for a label.\n"
    database = connect(f"sqlite:///{tmp_path / 'home' / 'otklik.db'}")
    examples = {"where is my order": "order", "when are you open": "hours", "track my parcel": "order"}
    with transaction(database) as db:
        keep_examples(db, "en", examples)
        call = Call(
            id="a-1",
            started_at=datetime.now(UTC),
            caller_number="",
            extension="2000",
            language="en",
            scenario="support",
            scenario_version="1",
            engine="whisper",
        )
        open_call(db, call)
        text = "my package never came"
        turn = Turn(
            number=1, speaker=Speaker.CALLER, node="ask", start=0, end=1, text=text, intent="unclear", engine="w"
        )
        note_turn(db, call.id, turn)
        close_call(db, call.id, ended_at=datetime.now(UTC), outcome=Outcome.HANDED_OVER)
    database.dispose()
    (line,) = otklik("learn", "candidates", "--language", "en", "--json").stdout.splitlines()
    sample = json.loads(line)
    assert (sample["text"], sample["reason"]) == ("my package never came", "unclear")
    wrong = otklik("learn", "label", sample["id"][:8], "parcels")
    assert wrong.returncode == 1
    assert "hours, order" in wrong.stderr
    assert otklik("learn", "label", sample["id"][:8], "order").returncode == 0
    trained = otklik("learn", "train", "--language", "en")
    assert trained.returncode == 0, trained.stderr
    version = trained.stdout.split()[0]
    compared = otklik("learn", "compare", version)
    assert (compared.returncode, version in compared.stdout) == (0, True)
    refused = otklik("learn", "promote", version)
    assert (refused.returncode, "label about" in refused.stderr) == (1, True)
