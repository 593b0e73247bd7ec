"""An installation's own state: its database at the newest schema, Redis' configuration."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine

from recordings.database import connect, migrate
from recordings.errors import SchemaUnfit
from recordings.settings import StoreSettings
from speech.settings import home


def write_redis_configuration() -> Path:
    """A queue on loopback behind a password. Nothing is kept on disk: the tables are the truth, messages are hints."""
    url = urlsplit(StoreSettings().redis_url)
    folder = home() / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "redis.conf"
    file.touch(mode=0o600)
    file.write_text(
        f"bind 127.0.0.1\nport {url.port or 6379}\n"
        + (f"requirepass {url.password}\n" if url.password else "")
        # its title would be written over its environment, by which a process of ours is known
        + f'dir {folder}\ndaemonize no\nsave ""\nappendonly no\nset-proc-title no\n',
        encoding="utf-8",
    )
    return file


def open_database() -> Engine:
    """The installation's database, brought to the newest schema first; where that cannot be, the program ends."""
    url = StoreSettings().database_url
    try:
        migrate(url)
    except SchemaUnfit as error:
        sys.exit(str(error))
    return connect(url)
