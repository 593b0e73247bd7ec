"""Which model hears what: calls a quick one, recordings the most accurate one."""

from __future__ import annotations

from pathlib import Path

import pytest

from speech.models import models
from speech.recognition.engines import describe
from speech.settings import SpeechSettings

pytestmark = pytest.mark.unit


def install(folder: Path, name: str) -> None:
    """Something that looks like a model of the catalogue; nothing here loads it."""
    source = folder / "brought" / name
    (source / "am").mkdir(parents=True)
    (source / "am" / "final.mdl").write_bytes(b"acoustics")
    models.add(folder / "models", source, language="ru", engine="vosk")


def test_recordings_are_heard_by_a_better_model_than_calls(tmp_path: Path) -> None:
    settings = SpeechSettings(models_dir=tmp_path / "models")
    install(tmp_path, "vosk-model-small-ru-0.22")
    assert describe("ru", settings) == describe("ru", settings, live=True)
    install(tmp_path, "vosk-model-ru-0.42")
    assert describe("ru", settings).endswith("/vosk-model-ru-0.42")
    assert describe("ru", settings, live=True).endswith("/vosk-model-small-ru-0.22")


def test_a_large_model_hears_calls_where_there_is_no_other(tmp_path: Path) -> None:
    install(tmp_path, "vosk-model-ru-0.42")
    assert describe("ru", SpeechSettings(models_dir=tmp_path / "models"), live=True).endswith("/vosk-model-ru-0.42")


def test_accuracy_is_known_by_the_engines_name() -> None:
    small, large = "vosk-0.3.45/vosk-model-small-ru-0.22", "vosk-0.3.45/vosk-model-ru-0.42"
    assert models.accuracy(small) < models.accuracy(large) < models.accuracy("vosk-0.3.45/trained-by-us")
