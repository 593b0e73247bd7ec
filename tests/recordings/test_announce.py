"""Messages to workers, with and without Redis."""

from __future__ import annotations

import json
import logging

import pytest
import redis

from recordings.announce import announce_recording
from tests.services import RedisServer, free_port

pytestmark = pytest.mark.services


def test_message_names_task_and_recording_and_nothing_else(redis_server: RedisServer) -> None:
    assert announce_recording(redis_server.url, "r1", imported=True, task="analyse")
    with redis.Redis(port=redis_server.port) as client:
        message = json.loads(client.lindex("analysis.imports", 0))
    assert message["headers"]["task"] == "analytics.tasks.analyse"
    assert message["content-type"] == "application/json"
    assert redis_server.waiting() == 1


def test_without_redis_it_says_so_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert not announce_recording(f"redis://:secret@127.0.0.1:{free_port()}/0", "r1")
    assert "recording r1" in caplog.text
    assert "secret" not in caplog.text


def test_redis_that_comes_back_is_used_again(redis_server: RedisServer) -> None:
    assert announce_recording(redis_server.url, "r1")
    redis_server.stop()
    assert not announce_recording(redis_server.url, "r2")
    redis_server.start()
    assert announce_recording(redis_server.url, "r3")
    assert redis_server.waiting() == 1
