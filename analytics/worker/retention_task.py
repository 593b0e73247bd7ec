# mypy: disable-error-code="untyped-decorator"
# (Celery's decorators carry no types)
"""Every night: what has outlived the policy is deleted, and old transcripts get the redaction of the present rules."""

from __future__ import annotations

import logging

from analytics.pipeline.dependencies import dependencies
from analytics.pipeline.redacting import redact_archive
from analytics.worker.app import app
from recordings.announce import ERASE
from recordings.backup.erasure_journal import note_erasures
from recordings.errors import PolicyWrong
from recordings.privacy.privacy import finish_erasures
from recordings.privacy.retention import retain
from recordings.privacy.retention_policy import read_policy
from recordings.privacy.settings import PrivacySettings, privacy_settings
from recordings.settings import store_settings
from speech.temporary_folders import forget_left_folders

log = logging.getLogger(__name__)


@app.task(name=ERASE)
def go_on_with_erasures() -> None:
    """When somebody asks for an erasure, and every minute: those that are due go on; folders of killed processes go."""
    here = dependencies()
    forget_left_folders()
    finished = finish_erasures(here.engine, here.sounds, PrivacySettings())  # the secret may be drawn by now
    for erasure in finished:
        log.info("erasure %s: %s", erasure.id, erasure.state)
    if finished:
        note_erasures(here.engine, store_settings().backup_dir)


@app.task(name="analytics.retain.retain_by_policy")
def retain_by_policy() -> None:
    """Safe to run twice, and killed in the middle: the next run goes on."""
    here = dependencies()
    try:
        policy = read_policy(privacy_settings().retention_file)
    except PolicyWrong as problem:
        log.error("retention: nothing is deleted: %s", problem)
    else:
        deleted = retain(here.engine, here.sounds, policy)
        log.info("retention: deleted %s", deleted or "nothing")
        if deleted:
            note_erasures(here.engine, store_settings().backup_dir)
    log.info("redaction: %d old transcripts redacted by the present rules", redact_archive(here.engine))
