"""``python -m ivr.prepare``: learn ahead of the first start what takes seconds, so that the robot only reads it."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from ivr.errors import IvrError
from ivr.faq.search import Knowledge
from ivr.settings import RobotSettings
from ivr.understanding.intent_model import learned_model

log = logging.getLogger(__name__)


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = RobotSettings()
    try:
        for scenario in settings.load_scenarios().values():
            log.info("the intents of %s (%s)", scenario.name, scenario.language)
            learned_model(scenario)
        articles = Knowledge.load(Path(settings.knowledge))
        for language in articles.articles:
            log.info("the articles (%s)", language)
            articles.prepare(language)
    except IvrError as error:
        log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
