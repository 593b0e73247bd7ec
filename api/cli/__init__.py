"""`otklik`: the command line of an installation.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 something failed and was said, 2 wrong usage.
Heavy parts are imported by the command that needs them, so that ``--help`` is instant.
"""

from __future__ import annotations

# each registers its commands; the order is the one of --help
from api.cli import calls, people, quality, rules, running, scenario, sound, texts  # noqa: F401
from api.cli.options import app

__all__ = ["app"]
