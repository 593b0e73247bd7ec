"""What is put out of a recording's sound, on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, update

from recordings.database import reading, transaction
from recordings.redaction.redactions import private_sounds
from recordings.tables import RedactionRow
from speech.audio.muting import EVERY
from speech.recognition.words import Transcript
from tests.recordings.selected import SETTLED, fill, recording_of

pytestmark = pytest.mark.services


@pytest.mark.parametrize(("split", "channel"), [("channels", 0), ("voices", EVERY), ("none", EVERY)])
def test_words_of_one_sound_are_put_out_on_both_sides(database: Engine, split: str, channel: int) -> None:
    fill(database)
    span = {"kind": "phone", "utterance": 0, "channel": 0, "start": 1.0, "end": 2.0}
    transcript = replace(Transcript(language="ru", engine="e", duration=9.0, utterances=()), split=split)
    with transaction(database) as db:
        db.execute(update(RedactionRow).values(body=transcript.to_json(), spans=[span]))
    with reading(database) as db:
        private = private_sounds(db, recording_of(SETTLED))
    assert private is not None
    assert private.spans == ((channel, 1.0, 2.0),)
