"""``python -m api.installation.answers PART``: exit code 0 when the part answers; the health check of its container."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from api.installation.parts import pages_answer, robot_listens, worker_answers

CHECKS: Mapping[str, Callable[[], bool]] = {"robot": robot_listens, "web": pages_answer}


def main() -> int:
    part = sys.argv[1]
    return 0 if (CHECKS[part]() if part in CHECKS else worker_answers(part)) else 1


if __name__ == "__main__":
    sys.exit(main())
