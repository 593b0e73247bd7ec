"""The parts of an installation on this machine: where they listen and whether they answer."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from redis import Redis
from redis.exceptions import RedisError

from api.installation.ports import Port
from api.settings import WebSettings
from docker.asterisk.settings import ExchangeSettings
from ivr.settings import RobotSettings
from recordings.settings import StoreSettings


def wanted_ports() -> list[Port]:
    """Every port the parts listen on."""
    exchange, web = ExchangeSettings(), WebSettings()
    sip_host = str(exchange.sip_bind)
    redis = urlsplit(StoreSettings().redis_url)
    queue = Port(part="Redis", host="127.0.0.1", number=redis.port or 6379, setting="OTKLIK_REDIS_URL")
    return [
        Port(
            part="SIP",
            host=sip_host,
            number=exchange.sip_port,
            setting="OTKLIK_SIP_PORT",
            protocol="udp",
            of_asterisk=True,
        ),
        Port(
            part="SIP over TLS",
            host=sip_host,
            number=exchange.sip_tls_port,
            setting="OTKLIK_SIP_TLS_PORT",
            of_asterisk=True,
        ),
        Port(
            part="Asterisk's ARI",
            host="127.0.0.1",
            number=exchange.ari_port,
            setting="OTKLIK_ARI_PORT",
            of_asterisk=True,
        ),
        *([queue] if starts_redis() else []),
        Port(part="pages", host=web.web_bind, number=web.web_port, setting="OTKLIK_WEB_PORT"),
    ]


def starts_redis() -> bool:
    """Tell whether a Redis is to be started here: the queue is on this machine, and nobody serves it yet."""
    return urlsplit(StoreSettings().redis_url).hostname in {"127.0.0.1", "localhost"} and not redis_answers()


def redis_answers() -> bool:
    """Tell whether the queue answers."""
    try:
        with Redis.from_url(StoreSettings().redis_url, socket_timeout=1, socket_connect_timeout=1) as redis:
            return bool(redis.ping())
    except RedisError:
        return False


def robot_listens() -> bool:
    """Tell whether Asterisk answers and the robot has subscribed to its calls."""
    return _ari_gives(f"applications/{RobotSettings().stasis_app}")


def asterisk_answers() -> bool:
    """Tell whether Asterisk runs where the settings say, and knows the robot's password."""
    return _ari_gives("asterisk/ping")


def _ari_gives(path: str) -> bool:
    robot = RobotSettings()
    user = (robot.ari_user, robot.ari_password.get_secret_value())
    try:
        return httpx.get(f"{robot.ari_address}/ari/{path}", auth=user, timeout=1).is_success
    except httpx.TransportError:
        return False


def pages_answer() -> bool:
    """Tell whether the web server answers."""
    web = WebSettings()
    try:
        return httpx.get(f"http://{web.web_bind}:{web.web_port}/health", timeout=1).is_success
    except httpx.TransportError:
        return False


def workers_answer() -> bool:
    """Tell whether a Celery worker takes tasks."""
    return _takes_tasks(limit=1, timeout=1)


def worker_answers(name: str) -> bool:
    """Tell whether the worker of this machine with that name takes tasks."""
    from celery.utils.nodenames import nodename

    return _takes_tasks(destination=[nodename(name, socket.gethostname())], timeout=5)


def _takes_tasks(**whom: Any) -> bool:
    from kombu.exceptions import OperationalError

    from analytics.worker.app import app

    with app.connection_for_write() as queue:
        lost = (OperationalError, *queue.connection_errors)  # it may go in the middle of the question
        try:
            return bool(app.control.ping(**whom))
        except lost:
            return False


ANSWERS: Mapping[str, Callable[[], bool]] = {
    "Redis": redis_answers,
    "Asterisk and the robot": robot_listens,
    "pages": pages_answer,
    "workers": workers_answer,
}
