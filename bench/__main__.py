"""``python -m bench [slots|intents|dialog|latency|engines|pipeline …]``: all of them when none is named."""

from __future__ import annotations

import sys
from importlib import import_module

BENCHES = (
    "slots",
    "numbers",
    "redaction",
    "intents",
    "sentiment",
    "rules",
    "kpi",
    "erasure",
    "dialog",
    "conversations",
    "engines",
    "pipeline",
    "memory",
    "latency",
    "flood",
    "short_calls",
    "chaos",
)


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no bench is called {unknown[0]!r}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    for name in names or BENCHES:
        print(f"== {name}", flush=True)
        import_module(f"bench.{name}").run()
    return 0


sys.exit(main(sys.argv[1:]))
