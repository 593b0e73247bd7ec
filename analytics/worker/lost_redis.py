"""Workers that outlive a Redis which goes away in the middle of a task."""

from __future__ import annotations

from kombu.transport.redis import Channel, QoS

CHECKED_WITH = {"celery": "5.7.0", "kombu": "5.7.0"}
"""Versions for which somebody has looked whether the change is still needed and still fits."""

acknowledge_over_redis = QoS.ack
"""Kombu's own way, which needs the connection the message came over."""


def outlive_lost_redis() -> None:
    """Change two habits of kombu's Redis transport that end a worker when its connection is gone. Safe to call twice.

    It puts unfinished messages back over the connection it has just closed. Nothing need be put back here: the tables
    know what is not done, and the sweep sends it again.

    It acknowledges a message over the connection it came by. A task that ends while the worker connects anew would end
    the worker with it; what the task did is in the tables.
    """
    Channel.do_restore = False
    QoS.ack = _acknowledge_if_there


def _acknowledge_if_there(qos: QoS, delivery_tag: str) -> None:
    if qos.channel.connection:
        acknowledge_over_redis(qos, delivery_tag)
