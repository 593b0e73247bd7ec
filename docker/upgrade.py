"""Takes an installation to another commit, or back to where it was: a program of the standard library alone.

It replaces the very code and environment that ``otklik`` runs on, and so ``otklik upgrade`` copies this file into the
home and has the system's Python run it. Each step is written down before it begins and can be done twice: whoever is
killed in the middle is started again and goes on, forwards or backwards.

    python3 var/upgrade/upgrade.py var/upgrade/plan.json
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

STOP_SECONDS, START_SECONDS = 90.0, 240.0


class Failed(Exception):
    """A step did not succeed; ``str()`` says which and why."""


class Upgrade:
    """One upgrade, as ``plan.json`` has it; ``save`` before each step."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.folder = path.parent
        self.project = Path(self.plan["project"])
        self.home = Path(self.plan["home"])
        password = urlsplit(self.plan["database_url"]).password
        # never on a command line, where everybody sees it
        own = {"OTKLIK_HOME": str(self.home)} | ({"PGPASSWORD": unquote(password)} if password else {})
        self.environment = {**os.environ, **own}

    def save(self, **changes: object) -> None:
        """Write down where it stands, at once and for good."""
        self.plan |= changes
        fresh = self.path.with_suffix(".fresh")
        fresh.touch(mode=0o600)
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(self.plan, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    def run(self, *command: str | Path, why: str, as_root: bool = False, well: Sequence[int] = (0,)) -> str:
        """Run a program in the project, as the project's owner, and show what it says; its output is returned."""
        owner = self.project.stat()
        drop = os.geteuid() == 0 and owner.st_uid != 0 and not as_root
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.project,
            env=self.environment,
            user=owner.st_uid if drop else None,
            group=owner.st_gid if drop else None,
            extra_groups=[] if drop else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode not in well:
            raise Failed(f"{why}: {' '.join(str(word) for word in command)} ended with {done.returncode}")
        return done.stdout

    @property
    def otklik(self) -> Path:
        return self.project / ".venv" / "bin" / "otklik"


def say(text: str) -> None:
    sys.stderr.write(f"[upgrade] {text}\n")


def drain(upgrade: Upgrade) -> None:
    """New calls go to people; those of the robot come to their end."""
    if upgrade.plan["running"] and not upgrade.plan["now"]:
        upgrade.run(upgrade.otklik, "drain", "--seconds", str(upgrade.plan["wait"]), why="calls go on")


def back_up(upgrade: Upgrade) -> None:
    """A backup as every night, before anything is touched."""
    upgrade.run(upgrade.otklik, "backup", why="no backup could be made")


def stop(upgrade: Upgrade) -> None:
    """End the parts; as services all but Asterisk, which gives callers to people meanwhile."""
    if upgrade.plan["services"]:
        units = [unit for unit in upgrade.plan["services"] if unit != "otklik-asterisk.service"]
        upgrade.run("systemctl", "stop", *units, why="the services could not be stopped", as_root=True)
        return
    run = upgrade.home / "run"
    if not listens(run / "up.sock"):
        return
    pid = run / ("up.lock" if is_held(run / "up.lock") else "supervisord.pid")
    os.kill(int(pid.read_text()), signal.SIGTERM)
    limit = time.monotonic() + STOP_SECONDS
    while listens(run / "up.sock") or is_held(run / "up.lock"):
        if time.monotonic() > limit:
            raise Failed("`otklik up` does not end: end it with Ctrl-C, then start the upgrade again")
        time.sleep(0.2)


def listens(path: Path) -> bool:
    """Whether a supervisor is there: the socket of one that was killed stays."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def is_held(lock: Path) -> bool:
    """Whether a console is open: the number in the file of one that was killed may be another program's by now."""
    try:
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


def keep(upgrade: Upgrade) -> None:
    """Copies of what is about to change: environment, stamps, scripts of the pages, database."""
    for name, place in kept(upgrade).items():
        copy = upgrade.folder / name
        if place.exists() and not copy.exists():
            fresh = upgrade.folder / f"{name}.fresh"
            shutil.rmtree(fresh, ignore_errors=True)
            upgrade.run("cp", "-a", "--reflink=auto", place, fresh, why="no room for a copy")
            fresh.rename(copy)
    if not database_copy(upgrade).exists():
        copy_database(upgrade)


def kept(upgrade: Upgrade) -> dict[str, Path]:
    return {
        "venv": upgrade.project / ".venv",
        "stamps": upgrade.home / "stamps",
        "vendor": upgrade.project / "api" / "static" / "vendor",
    }


def database_copy(upgrade: Upgrade) -> Path:
    return upgrade.folder / "database.copy"


def copy_database(upgrade: Upgrade) -> None:
    """The database as it is now that nobody writes."""
    url, fresh = upgrade.plan["database_url"], upgrade.folder / "database.fresh"
    fresh.unlink(missing_ok=True)
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(sqlite_file(url))) as here, closing(sqlite3.connect(fresh)) as there:
            here.backup(there)
        fresh.chmod(0o600)
    else:
        fresh.touch(mode=0o600)
        give_to(upgrade.project, fresh)
        upgrade.run(
            *("pg_dump", "--format=custom", "--no-owner", "--file", fresh, plain_url(url)),
            why="no copy of the database (apt-get install postgresql-client, of the server's version)",
        )
    fresh.rename(database_copy(upgrade))


def give_to(owner: Path, path: Path) -> None:
    """Make a file its who owns ``owner``; root alone has to."""
    if os.geteuid() == 0:
        os.chown(path, owner.stat().st_uid, owner.stat().st_gid)


def sqlite_file(url: str) -> Path:
    return Path(url.partition(":///")[2])


def plain_url(url: str) -> str:
    """Address as PostgreSQL's own programs take it, without the password."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(scheme="postgresql", netloc=f"{user.partition(':')[0]}@{host}" if user else host).geturl()


def change_code(upgrade: Upgrade, back: bool = False) -> None:
    """The commit that is wanted, or the one that was; a branch moves along."""
    commit = upgrade.plan["from" if back else "to"]
    words = ["reset", "--hard"] if upgrade.plan["branch"] else ["checkout", "--force", "--detach"]
    upgrade.run("git", *words, "--quiet", commit, why="the code could not be changed")  # the tree was clean


def set_up(upgrade: Upgrade) -> None:
    """Packages, models and whatever else the new version wants."""
    upgrade.run(upgrade.project / "docker" / "setup.sh", upgrade.plan["kind"], why="set-up failed")


def renew_asterisk(upgrade: Upgrade) -> None:
    """A newer Asterisk beside the one there is, if a mirror has one."""
    prefix = upgrade.home / "asterisk"
    if not (prefix / "debs").exists():
        return  # another one than ours
    script = upgrade.project / "docker" / "install-asterisk.sh"
    if not upgrade.plan["asterisk"]:
        upgrade.save(asterisk=upgrade.run(script, prefix, "--which", why="Asterisk's version").strip())
    upgrade.run(script, prefix, why="Asterisk could not be looked after")


def migrate(upgrade: Upgrade) -> None:
    """Database and configuration brought to the new version."""
    upgrade.run(upgrade.otklik, "prepare", why="the database could not be migrated")


def check(upgrade: Upgrade) -> None:
    """Nothing may be worse than before."""
    worse = failing(upgrade, "--without-parts") - set(upgrade.plan["failing"])
    if worse:
        raise Failed(f"not well any more: {', '.join(sorted(worse))}")


def failing(upgrade: Upgrade, *options: str) -> set[str]:
    """Names of what ``otklik doctor`` finds wrong."""
    said = upgrade.run(upgrade.otklik, "doctor", "--json", *options, why="no answer from the doctor", well=(0, 1))
    found = [json.loads(line) for line in said.splitlines()]
    return {check["name"] for check in found if not check["ok"]}


def start(upgrade: Upgrade) -> None:
    """Start the services and wait until they answer; with `otklik up` that is the owner's."""
    if not upgrade.plan["services"]:
        return
    user = upgrade.plan["user"]
    command = upgrade.otklik, "install-services", "--user", user
    upgrade.run(*command, why="the services could not be written", as_root=True)
    if people_talk(upgrade) and not upgrade.plan["now"]:
        say("people talk: Asterisk reads its files again now, a newer program with its next start")
        upgrade.run(*asterisk(upgrade, "core reload"), why="Asterisk does not answer")
    else:
        upgrade.run("systemctl", "restart", "otklik-asterisk.service", why="Asterisk", as_root=True)
    start_services(upgrade)
    limit = time.monotonic() + START_SECONDS
    while silent := failing(upgrade) & set(upgrade.plan["answering"]):
        if time.monotonic() > limit:
            raise Failed(f"no answer within {START_SECONDS:.0f} s: {', '.join(sorted(silent))}")
        time.sleep(2)
    upgrade.run(upgrade.otklik, "drain", "--off", why="new calls still go to people")


def start_services(upgrade: Upgrade) -> None:
    units = [*upgrade.plan["services"], "otklik.target"]
    upgrade.run("systemctl", "start", *units, why="the services could not be started", as_root=True)


def asterisk(upgrade: Upgrade, command: str) -> tuple[str | Path, ...]:
    """A command for the Asterisk that runs."""
    configuration = upgrade.home / "asterisk-run" / "etc" / "asterisk.conf"
    return upgrade.home / "asterisk" / "asterisk", "-C", configuration, "-rx", command


def people_talk(upgrade: Upgrade) -> bool:
    """Whether Asterisk holds a call; one that does not run holds none."""
    try:
        said = upgrade.run(*asterisk(upgrade, "core show channels count"), why="")
    except Failed:
        return False
    return re.search(r"^[1-9]\d* active call", said, re.MULTILINE) is not None


def asterisk_version(home: Path) -> str:
    """Folder of the version in force; empty where there is none of ours."""
    link = home / "asterisk" / "current"
    return link.resolve().name if link.is_symlink() else ""


FORWARDS: Sequence[tuple[str, Callable[[Upgrade], None]]] = (
    ("draining", drain),
    ("backing up", back_up),
    ("stopping", stop),
    ("keeping what was", keep),
    ("changing the code", change_code),
    ("setting up", set_up),
    ("looking after Asterisk", renew_asterisk),
    ("migrating", migrate),
    ("checking", check),
    ("starting", start),
)
UNTOUCHED = 4
"""Steps before this one change nothing that would have to be taken back."""
MIGRATING = 7


def go(upgrade: Upgrade) -> None:
    """Forwards from where it stands.

    Raises:
        Failed: a step did not succeed.
        OSError: the disk, as a rule.
    """
    for number in range(upgrade.plan["step"], len(FORWARDS)):
        name, step = FORWARDS[number]
        upgrade.save(step=number)
        say(name)
        step(upgrade)


def go_back(upgrade: Upgrade) -> None:
    """Code, environment, Asterisk and database as they were; can be done twice."""
    step = upgrade.plan["step"]
    if step >= UNTOUCHED:
        stop(upgrade)
        say("code back")
        change_code(upgrade, back=True)
        say("environment back")
        for name, place in kept(upgrade).items():
            copy = upgrade.folder / name
            if copy.exists():
                if place.exists():
                    shutil.rmtree(upgrade.folder / f"{name}.new", ignore_errors=True)
                    shutil.move(place, upgrade.folder / f"{name}.new")
                shutil.move(copy, place)
        if step >= MIGRATING and database_copy(upgrade).exists():
            say("database back")
            restore_database(upgrade)
        if upgrade.plan["asterisk"] and asterisk_version(upgrade.home) != upgrade.plan["asterisk"]:
            script = upgrade.project / "docker" / "install-asterisk.sh"
            upgrade.run(script, upgrade.home / "asterisk", "--back", why="Asterisk stays as it is")
    if upgrade.plan["services"]:
        command = upgrade.otklik, "install-services", "--user", upgrade.plan["user"]
        upgrade.run(*command, why="the services could not be written", as_root=True)
        start_services(upgrade)
    if upgrade.plan["running"] and (upgrade.plan["services"] or step < FORWARDS.index(("stopping", stop))):
        upgrade.run(upgrade.otklik, "drain", "--off", why="new calls still go to people")


def restore_database(upgrade: Upgrade) -> None:
    url, copy = upgrade.plan["database_url"], database_copy(upgrade)
    if url.startswith("sqlite"):
        file = sqlite_file(url)
        fresh = file.with_name(f"{file.name}.fresh")
        shutil.copy2(copy, fresh)
        give_to(upgrade.home, fresh)
        for ending in ("-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)
        fresh.replace(file)
        return
    drop = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
    upgrade.run("psql", "--quiet", plain_url(url), "-c", drop, why="the database could not be emptied")
    upgrade.run("pg_restore", "--no-owner", "--dbname", plain_url(url), copy, why="the database could not be put back")


def tidy(upgrade: Upgrade) -> None:
    """What was kept is not needed any more; a number of gigabytes."""
    upgrade.path.unlink()
    for path in upgrade.folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != Path(__file__).name:
            path.unlink()


def main() -> int:
    upgrade = Upgrade(Path(sys.argv[1]).absolute())
    if not upgrade.plan["reason"]:
        try:
            go(upgrade)
        except (Failed, OSError, sqlite3.Error) as error:
            say(f"{error}")
            upgrade.save(reason=str(error))
        else:
            tidy(upgrade)
            say(f"done: {upgrade.plan['to'][:12]}")
            if not upgrade.plan["services"]:
                say("start it: make run")
            return 0
    say("going back to what was")
    try:
        go_back(upgrade)
    except (Failed, OSError) as error:
        say(f"{error}")
        say(f"what was is kept in {upgrade.folder}; put the cause right, then: python3 {__file__} {upgrade.path}")
        return 2
    reason = upgrade.plan["reason"]
    tidy(upgrade)
    say(f"as before: {upgrade.plan['from'][:12]}; not upgraded because: {reason}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
