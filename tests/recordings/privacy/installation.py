"""Settings of an installation in a folder of the test's own: no test looks into another home, or deletes there."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from recordings.privacy.settings import PrivacySettings


def settings_in(folder: Path, *, searched: Path | None = None) -> PrivacySettings:
    """With a secret, and with every folder below this one; ``searched`` is home, by default one that is not there."""
    return PrivacySettings(
        erasure_secret=SecretStr("test secret"),
        notes_dir=folder / "notes_dir",
        prompts_dir=folder / "prompts_dir",
        logs_dir=folder / "logs_dir",
        models_dir=folder / "models_dir",
        spool_dir=(searched or folder / "home") / "asterisk-run" / "spool" / "recording",
        searched_dir=searched or folder / "home",
    )
