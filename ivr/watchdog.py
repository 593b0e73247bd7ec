"""``python -m ivr.watchdog``: moves callers to people when their robot is killed, frozen or hangs.

It loads no models and opens no database: nothing that may take a robot along takes it. Any number may run.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from ivr.errors import AriRefused
from ivr.telephony.ari import Ari
from ivr.telephony.settings import AriSettings
from ivr.telephony.watch import Watch

log = logging.getLogger("ivr.watchdog")


async def run(settings: AriSettings) -> None:
    """Watch until cancelled.

    Raises:
        AriRefused: wrong user or password.
    """
    user, password = settings.ari_user, settings.ari_password.get_secret_value()
    async with Ari(settings.ari_address, user=user, password=password, app=settings.stasis_app) as ari:
        log.info("watching the robots of Asterisk at %s", ari.address)
        await Watch(ari, settings.stasis_app).run()


async def _until_stopped() -> None:
    work = asyncio.current_task()
    assert work is not None  # noqa: S101  # we are running in it
    for stop in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop, work.cancel)
    try:
        await run(AriSettings())
    except asyncio.CancelledError:
        log.info("stopped")


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(_until_stopped())
    except AriRefused as error:
        log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
