"""The parts as services of systemd, out of the same list as ``otklik up``.

Asterisk starts first and ends last; no other unit is allowed to take it along: there is no ``Requires`` and no
``BindsTo``, only an order. A part that ends is started again for ever, with a wait that grows.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from api.installation.processes import Process

TARGET, PREPARE, JOURNAL = "otklik.target", "otklik-prepare.service", "journald@otklik.conf"
GROWING_WAITS = 254
"""Version of systemd from which the wait before another start can grow."""
PREPARE_SECONDS = 1800
"""A migration of a large archive may take this long."""
KEPT = "SystemMaxUse=500M\nMaxRetentionSec=30day\n"
"""What the journal of the parts may take and how long it is kept: callers' numbers stand in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an installation lies and who runs it."""

    project: Path
    home: Path
    user: str
    writes: tuple[Path, ...] = ()
    """Folders outside ``home`` that the parts write to."""
    memory: Mapping[str, str] = field(default_factory=dict)
    """Part → what it may take, where that is not the list's."""


def systemd_version() -> int:
    """The version here; 0 where there is none."""
    try:
        said = subprocess.run(["systemctl", "--version"], capture_output=True, text=True, check=False).stdout.split()
    except FileNotFoundError:
        return 0
    return int(said[1]) if len(said) > 1 and said[1].isdigit() else 0


def unit_name(process: Process) -> str:
    """As ``otklik-robot.service``."""
    return f"otklik-{process.name}.service"


def render_units(processes: Iterable[Process], place: Place, *, version: int) -> dict[str, str]:
    """Name of each file → its text."""
    parts = sorted(processes, key=lambda process: process.stage)
    names = " ".join(unit_name(process) for process in parts)
    units = {
        TARGET: (
            f"[Unit]\nDescription=Otklik\nWants={PREPARE} {names}\nAfter={PREPARE}\n\n"
            "[Install]\nWantedBy=multi-user.target\n"
        ),
        PREPARE: (
            f"[Unit]\nDescription=Otklik: database and configuration brought up to date\nPartOf={TARGET}\n"
            "Wants=network-online.target\nAfter=network-online.target postgresql.service\n\n"
            f"[Service]\nType=oneshot\nRemainAfterExit=yes\nTimeoutStartSec={PREPARE_SECONDS}\n"
            f"ExecStart={_words([str(Path(sys.executable).parent / 'otklik'), 'prepare'])}\n{_surroundings(place)}"
        ),
        JOURNAL: f"[Journal]\n{KEPT}",
    }
    for process in parts:
        earlier = " ".join([PREPARE, *(unit_name(other) for other in parts if other.stage < process.stage)])
        units[unit_name(process)] = _unit(process, place, earlier, version)
    return units


def _unit(process: Process, place: Place, earlier: str, version: int) -> str:
    again = "RestartSec=1\nRestartSteps=6\nRestartMaxDelaySec=60\n" if version >= GROWING_WAITS else "RestartSec=2\n"
    return (
        f"[Unit]\nDescription=Otklik: {process.about}\nPartOf={TARGET}\n"
        f"Wants={PREPARE} network-online.target\nAfter={earlier} network-online.target\n"
        "StartLimitIntervalSec=0\n\n"
        f"[Service]\nExecStart={_words(process.argv(place.home))}\n"
        f"Restart=always\n{again}"
        f"KillMode=mixed\nTimeoutStopSec={process.stop_seconds:.0f}\n"
        f"MemoryMax={place.memory.get(process.name, process.memory)}\nOOMScoreAdjust={process.oom}\n"
        f"LimitNOFILE=65536\n{_surroundings(place)}\n"
        f"[Install]\nWantedBy={TARGET}\n"
    )


def _surroundings(place: Place) -> str:
    """Who runs it, what it sees of the machine, and where its words go."""
    writes = " ".join(_word(f"-{path}") for path in (place.home, *place.writes))
    return (
        f"User={place.user}\nWorkingDirectory={_percents(str(place.project))}\n"
        f"Environment={_word(f'OTKLIK_HOME={place.home}')} PYTHONUNBUFFERED=1\n"
        f"Environment={_word(f'PATH={Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin')}\n"
        f"Environment={_word(f'NUMBA_CACHE_DIR={place.home}/numba')}\n"  # beside the program nothing can be written
        "UMask=0077\nLogNamespace=otklik\n"
        f"ProtectSystem=strict\nReadWritePaths={writes}\nProtectHome=read-only\nPrivateTmp=yes\nPrivateDevices=yes\n"
        "NoNewPrivileges=yes\nCapabilityBoundingSet=\nRestrictSUIDSGID=yes\nLockPersonality=yes\n"
        "ProtectKernelTunables=yes\nProtectKernelModules=yes\nProtectKernelLogs=yes\nProtectControlGroups=yes\n"
        "ProtectClock=yes\nProtectHostname=yes\nRestrictRealtime=yes\nRestrictNamespaces=yes\n"
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\nSystemCallArchitectures=native\n"
    )


def _percents(text: str) -> str:
    return text.replace("%", "%%")


def _word(text: str) -> str:
    """One word of a unit, where ``%`` and ``\\`` mean something."""
    plain = _percents(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"' if any(letter in plain for letter in " '\t\";") or not plain else plain


def _words(words: Iterable[str]) -> str:
    """A command of a unit, where ``$`` means something, too."""
    return " ".join(_word(word.replace("$", "$$")) for word in words)
