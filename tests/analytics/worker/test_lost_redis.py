"""What is changed in kombu: still there, still needed, and enough."""

from __future__ import annotations

import inspect
from importlib.metadata import version

import pytest
from kombu import Connection
from kombu.message import Message
from kombu.transport.redis import Channel, QoS
from kombu.transport.virtual import base
from redis.exceptions import ConnectionError as RedisConnectionError

from analytics.worker import lost_redis
from analytics.worker.lost_redis import CHECKED_WITH, acknowledge_over_redis, outlive_lost_redis
from tests.services import RedisServer

pytestmark = pytest.mark.services


@pytest.fixture(autouse=True)
def outlived() -> None:
    outlive_lost_redis()


def taken(server: RedisServer) -> tuple[Connection, Message]:
    """A connection with a message that is not acknowledged yet."""
    connection = Connection(server.url)
    queue = connection.SimpleQueue("lost")
    queue.put({"id": "1"})
    return connection, queue.get(timeout=5)


@pytest.mark.parametrize("package", CHECKED_WITH)
def test_somebody_has_looked_at_the_installed_version(package: str) -> None:
    assert version(package) == CHECKED_WITH[package], f"look whether {lost_redis.__name__} is needed and fits"


def test_what_is_changed_is_where_it_was() -> None:
    assert base.Channel.do_restore is True
    assert "do_restore" in inspect.getsource(base.QoS.restore_unacked_once)
    assert acknowledge_over_redis.__qualname__ == "QoS.ack"
    assert list(inspect.signature(acknowledge_over_redis).parameters) == ["self", "delivery_tag"]


def test_changing_it_twice_is_changing_it_once() -> None:
    before = QoS.ack
    outlive_lost_redis()
    assert QoS.ack is before is not acknowledge_over_redis


def test_an_acknowledgement_over_a_connection_that_is_gone_is_no_failure(redis_server: RedisServer) -> None:
    connection, message = taken(redis_server)
    connection.close()
    message.ack()
    assert message.acknowledged


def test_kombu_itself_ends_the_worker_then(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QoS, "ack", acknowledge_over_redis)
    connection, message = taken(redis_server)
    connection.close()
    with pytest.raises(AttributeError):
        message.ack()


def test_a_channel_closes_while_redis_is_away(redis_server: RedisServer) -> None:
    _, message = taken(redis_server)
    redis_server.stop()
    message.channel.close()


def test_kombu_itself_puts_back_over_what_is_closed(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Channel, "do_restore", True)
    _, message = taken(redis_server)
    redis_server.stop()
    with pytest.raises((RedisConnectionError, OSError)):
        message.channel.close()
