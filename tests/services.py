"""Real PostgreSQL, Redis and Celery of our own for the tests: on free ports, in temporary folders, ended by pid."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import redis
from psycopg import sql
from sqlalchemy import Engine

from recordings.announce import QUEUES
from recordings.audio_store import AudioStore
from recordings.database import connect, migrate
from speech.settings import home

ROOT = Path(__file__).parent.parent
CELERY = (sys.executable, "-m", "celery", "-A", "analytics.worker.app")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], object], *, seconds: float, what: str) -> None:
    """Poll a condition; fail with ``what`` was waited for."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds:g} s in vain: {what}")
        time.sleep(0.05)


@contextmanager
def process(*command: str | Path, env: dict[str, str] | None = None, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is gone when the block ends, whatever happened in it."""
    with log.open("ab") as output:
        running = subprocess.Popen(
            [str(part) for part in command], env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=ROOT
        )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisServer:
    """A redis-server that can be stopped and started again on the same port."""

    port: int
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""]
        with (self.folder / "redis.log").open("ab") as log:
            self.running.append(subprocess.Popen(["redis-server", *options], stdout=log, stderr=log))
        wait_until(self._answers, seconds=10, what="redis-server to answer")

    def stop(self) -> None:
        while self.running:
            server = self.running.pop()
            server.terminate()
            server.wait(10)

    def waiting(self) -> int:
        """Messages that are in the queues or in the hands of workers."""
        with redis.Redis(port=self.port) as client:
            return sum(int(client.llen(queue)) for queue in QUEUES) + int(client.hlen("unacked"))

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisServer(port=free_port(), folder=folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """Address, without database, of a PostgreSQL cluster made for this run."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    if programs is None:
        pytest.fail("PostgreSQL is not installed: apt install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="otklik-postgres-"))
    user: str | None = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = "postgres"
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    data, port = folder / "data", free_port()
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "otklik", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "-N"],
        check=True, user=user, cwd="/", stdout=subprocess.DEVNULL,
    )  # fmt: skip
    options = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={port}", "-k", str(folder), "-c", "fsync=off"]
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *options], user=user, cwd="/", stdout=log, stderr=log
        )
    url = f"postgresql://otklik@127.0.0.1:{port}"
    try:
        wait_until(lambda: _accepts(f"{url}/postgres"), seconds=30, what="PostgreSQL to accept connections")
        yield url
    finally:
        server.send_signal(2)  # fast shutdown: connections left are cut
        server.wait(30)
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres_cluster: str) -> Iterator[str]:
    """SQLAlchemy address of an empty database of this test alone."""
    yield from _postgres_database(postgres_cluster, template="template1")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to be copied: migrating one for every test takes minutes in all."""
    path = tmp_path_factory.mktemp("template") / "otklik.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: str) -> str:
    """Name of a migrated database to be copied."""
    name = "otklik_template"
    with psycopg.connect(f"{postgres_cluster}/postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    migrate(f"{postgres_cluster}/{name}".replace("postgresql://", "postgresql+psycopg://"))
    return name


@pytest.fixture
def migrated_postgres_url(postgres_cluster: str, postgres_template: str) -> Iterator[str]:
    """SQLAlchemy address of a migrated database of this test alone."""
    yield from _postgres_database(postgres_cluster, template=postgres_template)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a migrated database: every test that asks for it runs on both."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "otklik.db")
        return f"sqlite:///{tmp_path / 'otklik.db'}"
    return str(request.getfixturevalue("migrated_postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


def _postgres_database(cluster: str, *, template: str) -> Iterator[str]:
    name = f"otklik_{free_port()}_{time.monotonic_ns()}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(f"{cluster}/postgres", autocommit=True) as admin:
        admin.execute(create)
        yield f"{cluster}/{name}".replace("postgresql://", "postgresql+psycopg://")
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _accepts(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What processes of one installation share: their environment, database and store."""

    env: dict[str, str]
    engine: Engine
    store: AudioStore
    redis: RedisServer
    folder: Path

    @contextmanager
    def worker(self, name: str = "worker") -> Iterator[subprocess.Popen[bytes]]:
        """A real Celery worker, ready for work; ``<name>.log`` in the folder is what it says."""
        log = self.folder / f"{name}.log"
        command = [*CELERY, "worker", "--loglevel", "INFO", "--hostname", f"{name}@test"]
        with process(*command, env=self.env, log=log) as running:
            wait_until(lambda: " ready." in log.read_text(), seconds=60, what=f"the worker to be ready, see {log}")
            yield running

    @contextmanager
    def clock(self) -> Iterator[None]:
        """The process that calls the sweep."""
        command = [*CELERY, "beat", "--schedule", str(self.folder / "schedule"), "--pidfile", ""]
        with process(*command, env=self.env, log=self.folder / "clock.log"):
            yield


@pytest.fixture
def installation(database_url: str, database: Engine, redis_server: RedisServer, tmp_path: Path) -> Installation:
    """An installation in a temporary folder with the models of ``OTKLIK_HOME``, and with short waits."""
    audio_url = f"file://{tmp_path / 'recordings'}"
    env = os.environ | {
        "OTKLIK_HOME": str(tmp_path),
        "OTKLIK_MODELS_DIR": str(home() / "models"),
        "OTKLIK_DATABASE_URL": database_url,
        "OTKLIK_AUDIO_URL": audio_url,
        "OTKLIK_REDIS_URL": redis_server.url,
        "OTKLIK_LEASE_SECONDS": "3",
        "OTKLIK_SWEEP_SECONDS": "1",
        "OTKLIK_ENGINE": "whisper",
        "PYTHONPATH": str(ROOT),
    }
    return Installation(env=env, engine=database, store=AudioStore(audio_url), redis=redis_server, folder=tmp_path)
