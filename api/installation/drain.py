"""New calls go to people while the robot's come to their end: before it is stopped on purpose."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from ivr.settings import RobotSettings

VARIABLE = "OTKLIK_DRAINED"
"""Asks the dialplan (docker/asterisk/extensions.conf.j2) to pass the robot by; forgotten when Asterisk ends."""
LOOK_SECONDS = 1.0


class NotDrained(Exception):
    """Asterisk does not answer; ``str()`` says why."""


def set_drained(drained: bool) -> None:
    """Have the dialplan pass the robot by, or not any more.

    Raises:
        NotDrained: Asterisk does not answer.
    """
    _ari("POST", "asterisk/variable", variable=VARIABLE, value="1" if drained else "")


def robot_calls() -> int:
    """Callers the robot holds now; those who talk to people are not counted.

    Raises:
        NotDrained: Asterisk does not answer.
    """
    bridges = _ari("GET", "bridges").json()
    joined = {channel for bridge in bridges if bridge["id"].startswith("talk-") for channel in bridge["channels"]}
    channels = _ari("GET", "channels").json()
    return sum(
        channel["dialplan"].get("app_name") == "Stasis"
        and channel["name"].startswith("PJSIP/")
        and not channel["id"].startswith("agent-")
        and channel["id"] not in joined
        for channel in channels
    )


def wait_for_calls(seconds: float, tell: Callable[[int], None]) -> int:
    """Wait until the robot holds no call, but not longer; how many it holds then.

    Raises:
        NotDrained: Asterisk does not answer.
    """
    limit = time.monotonic() + seconds
    while (count := robot_calls()) and time.monotonic() < limit:
        tell(count)
        time.sleep(LOOK_SECONDS)
    return count


def _ari(method: str, path: str, **params: str) -> httpx.Response:
    robot = RobotSettings()
    user = (robot.ari_user, robot.ari_password.get_secret_value())
    try:
        answer = httpx.request(method, f"{robot.ari_address}/ari/{path}", params=params, auth=user, timeout=5)
        return answer.raise_for_status()
    except httpx.HTTPError as error:
        raise NotDrained(f"Asterisk does not answer at {robot.ari_address}: {error}") from error
