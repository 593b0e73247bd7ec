"""``python -m docker.prepare``: what containers need before they start, once for all of them.

Brings the database to the newest schema and renders Asterisk's folder, both below ``OTKLIK_HOME``.
"""

from __future__ import annotations

import sys

from docker.asterisk.announcements import write_announcements
from docker.asterisk.render import RenderError, render
from docker.asterisk.settings import ExchangeSettings
from recordings.audio_store import AudioStore
from recordings.database import migrate
from recordings.errors import SchemaUnfit
from recordings.settings import StoreSettings
from speech.settings import SpeechSettings, home


def main() -> None:
    try:
        migrate(StoreSettings().database_url)
        render(ExchangeSettings(), home() / "asterisk-run")
        write_announcements(home() / "asterisk-run", SpeechSettings())
        AudioStore(StoreSettings().audio_url).close_to_others()
    except (RenderError, SchemaUnfit) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
