"""`otklik upgrade` on a checkout of its own: back to what was after a failure, on to the end after a kill."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sysconfig
import venv
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from docker.upgrade import Upgrade, copy_database, plain_url, restore_database
from recordings.database import migrate
from speech.settings import home
from tests.services import ROOT, wait_until

pytestmark = [pytest.mark.services, pytest.mark.timeout(400)]

MIGRATION = '''"""A table of the next version."""
from alembic import op
import sqlalchemy as sa

revision, down_revision, branch_labels, depends_on = "next", "{head}", None, None


def upgrade() -> None:
    op.create_table("of_the_next_version", sa.Column("id", sa.Integer, primary_key=True))
    {more}


def downgrade() -> None:
    op.drop_table("of_the_next_version")
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """An installation from git, with the repository its versions come from."""

    project: Path
    env: dict[str, str]

    @property
    def database(self) -> Path:
        return Path(self.env["OTKLIK_HOME"]) / "otklik.db"

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.project, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def publish(self, more: str) -> str:
        """A next version whose migration also does ``more``; it is known at the origin alone."""
        versions = self.project / "recordings" / "migrations" / "versions"
        (head,) = ScriptDirectory(str(versions.parent)).get_heads()
        here = self.git("rev-parse", "HEAD")
        (versions / "9999_next.py").write_text(MIGRATION.format(head=head, more=more))
        self.git("add", "recordings")
        self.git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "next", "--no-verify")
        self.git("push", "-q", "-f", "origin", "HEAD")
        published = self.git("rev-parse", "HEAD")
        self.git("reset", "-q", "--hard", here)
        return published

    def command(self, *words: str) -> list[str]:
        return [str(self.project / ".venv" / "bin" / "otklik"), *words]

    def upgrade(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command("upgrade"), cwd=self.project, env=self.env, capture_output=True, text=True, check=False
        )

    def tables(self) -> set[str]:
        with closing(sqlite3.connect(self.database)) as database:
            return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A clone whose environment is its own and reads the packages of this one: nothing is fetched."""
    project, own = tmp_path / "otklik", tmp_path / "home"
    origin = tmp_path / "origin.git"
    subprocess.run(["git", "clone", "-q", "--bare", ROOT, origin], check=True)
    subprocess.run(["git", "clone", "-q", origin, project], check=True)
    shutil.copytree(ROOT / "api" / "static" / "vendor", project / "api" / "static" / "vendor", dirs_exist_ok=True)
    venv.create(project / ".venv", symlinks=True)
    (packages,) = (project / ".venv" / "lib").glob("*/site-packages")
    (packages / "here.pth").write_text(f"{project}\n{sysconfig.get_path('purelib')}\n")
    script = project / ".venv" / "bin" / "otklik"
    script.write_text(f"#!{project}/.venv/bin/python\nfrom api.cli import app\napp()\n")
    script.chmod(0o755)
    (own / "stamps").mkdir(parents=True)
    launcher = own / "asterisk" / "asterisk"
    launcher.parent.mkdir()
    launcher.write_text("#!/bin/sh\necho Asterisk 22.10.1\n")
    launcher.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTKLIK_", "PYTHON"))}
    env = kept | {"OTKLIK_HOME": str(own), "OTKLIK_MODELS_DIR": str(home() / "models")}
    stamps = (
        "cat requirements.lock pyproject.toml | sha256sum | cut -d' ' -f1 | tee $OTKLIK_HOME/stamps/python"
        " >$OTKLIK_HOME/stamps/compiled; find ivr/scenarios ivr/knowledge speech/languages speech/embeddings"
        " speech/intents speech/sentiment -type f ! -name '*.pyc' -exec sha256sum {} + | sort | sha256sum"
        " >$OTKLIK_HOME/stamps/learnt; cat api/web/package.json api/web/package-lock.json | sha256sum |"
        " cut -d' ' -f1 >api/static/vendor/.stamp"
    )
    subprocess.run(stamps, shell=True, cwd=project, env=env, check=True)  # noqa: S602  # as set-up writes them
    migrate(f"sqlite:///{own / 'otklik.db'}")
    with closing(sqlite3.connect(own / "otklik.db")) as database:
        database.execute("CREATE TABLE witness (word TEXT)")
        database.execute("INSERT INTO witness VALUES ('здесь')")
        database.commit()
    return Checkout(project=project, env=env)


def test_a_database_comes_back_as_it_was(database_url: str, database: Engine, tmp_path: Path) -> None:
    plan = {"project": str(tmp_path), "home": str(tmp_path), "database_url": database_url}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    here = Upgrade(tmp_path / "plan.json")
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE witness (word VARCHAR(20))"))
        connection.execute(text("INSERT INTO witness VALUES ('здесь')"))
    before = set(inspect(database).get_table_names())
    copy_database(here)
    with database.begin() as connection:
        connection.execute(text("DELETE FROM witness"))
        connection.execute(text("CREATE TABLE of_the_next_version (id INTEGER)"))
    database.dispose()  # no part runs then
    restore_database(here)
    assert set(inspect(database).get_table_names()) == before
    with database.begin() as connection:
        assert connection.execute(text("SELECT word FROM witness")).scalars().all() == ["здесь"]
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1


def test_a_password_is_on_no_command_line(tmp_path: Path) -> None:
    url = "postgresql+psycopg://otklik:p%40ss@db:5433/otklik"
    (tmp_path / "plan.json").write_text(json.dumps({"project": "/", "home": "/", "database_url": url}))
    assert Upgrade(tmp_path / "plan.json").environment["PGPASSWORD"] == "p@ss"
    assert plain_url(url) == "postgresql://otklik@db:5433/otklik"


def test_back_after_a_failure_and_on_after_a_kill(checkout: Checkout) -> None:
    before, tables = checkout.git("rev-parse", "HEAD"), checkout.tables()
    marker = checkout.project / ".venv" / "of-before"
    marker.touch()
    checkout.publish("op.execute('INSERT INTO nowhere VALUES (1)')")
    failed = checkout.upgrade()
    assert failed.returncode == 1, failed.stderr
    assert "not upgraded because: the database could not be migrated" in failed.stderr
    assert checkout.git("rev-parse", "HEAD") == before
    assert not checkout.git("status", "--porcelain", "--untracked-files=no")
    assert checkout.tables() == tables
    assert marker.exists()
    left = Path(checkout.env["OTKLIK_HOME"]) / "upgrade"
    assert [path.name for path in left.iterdir()] == ["upgrade.py"]

    (checkout.project / "Makefile").write_text("changed here")
    assert "were changed here" in checkout.upgrade().stderr
    checkout.git("checkout", "-q", "Makefile")

    wanted = checkout.publish("pass")
    with (left.parent / "first.log").open("wb") as out:
        first = subprocess.Popen(
            checkout.command("upgrade"), cwd=checkout.project, env=checkout.env, stdout=out, stderr=out
        )
    said = left.parent / "first.log"
    wait_until(lambda: b"setting up" in said.read_bytes(), seconds=120, what="the middle of an upgrade")
    first.kill()
    first.wait()
    assert checkout.git("rev-parse", "HEAD") == wanted  # the code of one version, the database of the other
    done = checkout.upgrade()
    assert done.returncode == 0, done.stderr
    assert checkout.tables() == tables | {"of_the_next_version"}
    with closing(sqlite3.connect(checkout.database)) as database:
        assert database.execute("SELECT word FROM witness").fetchall() == [("здесь",)]
    assert [path.name for path in left.iterdir()] == ["upgrade.py"]
    assert "what is here already" in checkout.upgrade().stderr
