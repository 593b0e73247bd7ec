"""`python -m api`: the web server of an installation."""

from __future__ import annotations

import logging
import sys
import threading

import uvicorn

from api.app import create_app
from api.settings import WebSettings
from recordings.database import migrate
from recordings.errors import SchemaUnfit
from speech.redaction.log_masks import mask_logs

LONGEST_FRAME = 256 * 1024
"""Bytes of one message through the chat's socket; what is longer than anybody writes is answered with why not."""
CLOSING_SECONDS = 3
"""How long answers under way may take when the server is asked to end."""


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    mask_logs()
    settings = WebSettings()
    try:
        migrate(settings.database_url)
    except SchemaUnfit as error:
        sys.exit(str(error))
    app = create_app(settings)
    threading.Thread(target=app.state.chat_runtime.prepare, name="scenarios", daemon=True).start()
    uvicorn.run(
        app,
        host=settings.web_bind,
        port=settings.web_port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the application reads them: it knows which proxies are trusted
        timeout_graceful_shutdown=CLOSING_SECONDS,
        ws="websockets-sansio",
        ws_max_size=LONGEST_FRAME,
    )


if __name__ == "__main__":
    main()
