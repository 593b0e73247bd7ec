"""``python -m docs.notice``: writes NOTICE: third parties and their licences, from the lock and what is installed.

What no metadata tells (programs, models, what wheels carry) stands in ``docs/notice.txt``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAD = "Python packages of requirements-demo.lock (requirements.lock has all but the softphone, baresip-python)"
SPDX: Mapping[str, str] = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "BSD-derived (http://www.repoze.org/LICENSE.txt)": "BSD-derived",
    "New BSD": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""Names that packages give their licences → the SPDX ones."""
LONGEST = 40
"""Letters; what is longer is the text of a licence, not its name."""


def locked() -> dict[str, str]:
    """Package → version, as requirements-demo.lock has them."""
    lock = (ROOT / "requirements-demo.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s\\]+)", lock, re.MULTILINE))


def licence(package: str) -> str:
    """The licence an installed package names, as an SPDX expression where it is one.

    Raises:
        PackageNotFoundError: it is not installed.
        ValueError: it names none.
    """
    about = metadata.metadata(package).json
    if expression := about.get("license_expression"):
        return str(expression)
    said = str(about.get("license", "")).strip()
    if said in SPDX or (said and said not in {"UNKNOWN", "Dual License"} and len(said) <= LONGEST):
        return SPDX.get(said, said)
    classified = [line.rpartition(":: ")[2] for line in about.get("classifier", ()) if "License ::" in line]
    if not classified:
        raise ValueError(f"{package} names no licence: look it up and write it into docs/notice.txt")
    return " OR ".join(SPDX.get(name, name) for name in classified)


def render() -> str:
    """All of NOTICE."""
    lines = [f"{package:28} {version:22} {licence(package)}" for package, version in sorted(locked().items())]
    written = (ROOT / "docs/notice.txt").read_text(encoding="utf-8")
    return f"{written}\n\n{HEAD}\n{'-' * len(HEAD)}\n" + "\n".join(lines) + "\n"


def main() -> int:
    (ROOT / "NOTICE").write_text(render(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
