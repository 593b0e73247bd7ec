"""The models an installation needs, and what serves in place of one that cannot be had."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from speech.errors import ModelMissing
from speech.models.download import Progress
from speech.models.models import Model, catalogue, pull, trusts

RETRY_AFTER = 24 * 3600.0
"""Seconds before set-up asks again for a model it could not have and does without."""


def pull_standard(
    models_dir: Path,
    *,
    tests: bool,
    progress: Progress,
    say: Callable[[str], None],
    known: tuple[Model, ...] | None = None,
) -> None:
    """Install what an installation needs; where a model cannot be had, the one named instead of it serves.

    Args:
        models_dir: Where models live.
        tests: Install the models of the tests as well.
        progress: Told how far a download is.
        say: Told in a sentence what was done and what was done without.
        known: The catalogue, if not Otklik's own.

    Raises:
        ModelMissing: a language would have no engine, or a model of the tests could not be had.
    """
    known = catalogue() if known is None else known
    wanted = [model for model in known if model.standard or (tests and model.test_only)]
    for model in sorted(wanted, key=lambda model: bool(model.instead)):  # first what others fall back on
        asked = models_dir / ".work" / f"{model.name}.asked"
        here = (models_dir / model.name).is_dir()  # then it is checked, and had again if it is damaged
        if not here and model.instead and asked.exists() and time.time() - asked.stat().st_mtime < RETRY_AFTER:
            continue
        try:
            pull(models_dir, model.name, progress, known)
        except ModelMissing as error:
            if not model.instead:
                raise
            asked.touch()
            say(
                f"{error}\n{model.instead} serves {'/'.join(model.languages)} instead; try again at any time with: "
                f"otklik models pull {model.name}"
            )
        else:
            say(f"{model.name} is installed and verified{trusts(models_dir, model.name)}")
