"""`otklik`: the command line of an installation, one module a group of commands.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 something failed and was said, 2 wrong usage.
What only some commands need they import themselves, so that ``--help`` is instant.
"""

from __future__ import annotations

# each registers its commands
from api.cli import (  # noqa: F401
    agents,
    alerts,
    audit,
    backup,
    calls,
    demo,
    demo_data,
    dictionary,
    draws,
    export,
    learn,
    models,
    privacy,
    rules,
    running,
    scenario,
    scorecard,
    sound,
    texts,
    topics,
    users,
)
from api.cli.options import app

__all__ = ["app"]
