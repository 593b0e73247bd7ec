"""What Asterisk is told of a call, for whoever takes it when its robot is gone: a global variable a call.

The dialplan (``docker/asterisk/extensions.conf.j2``) speaks the caller's language and passes the context on to the
person's phone. A variable of the channel would do as well, but once ARI has set one, Asterisk (22.10) lets the channel
write no file any more, and so leave no note.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

from ivr.telephony.ari import Ari


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One call's, in the order of the dialplan's ``CUT``."""

    language: str = ""
    recorded: str = ""
    """``1`` while the recording runs, whoever talks with the caller; ``no`` after a refusal."""
    joined: str = ""
    """Endpoint of the person whom the robot joined with the caller."""
    over: str = ""
    """``1`` when nothing is left to be said: the caller needs nobody else."""
    uui: str = ""
    """Value of the header User-to-User."""
    context: str = ""
    """Value of the header X-Call-Context."""


async def tell(ari: Ari, call_id: str, told: Told) -> None:
    """Raises AriError."""
    value = "|".join(part.replace("|", "%7C") for part in astuple(told))
    await ari.post("asterisk/variable", variable=_name(call_id), value=value)


async def read_told(ari: Ari, call_id: str) -> Told:
    """What Asterisk was told last; empty for a call it knows nothing of.

    Raises:
        AriError: Asterisk does not answer.
    """
    value = str((await ari.get("asterisk/variable", variable=_name(call_id)))["value"])
    parts = value.split("|")
    fields = Told.__dataclass_fields__
    return Told(**dict(zip(fields, parts, strict=True))) if len(parts) == len(fields) else Told()


async def forget(ari: Ari, call_id: str) -> None:
    """Nobody needs it any more. Raises AriError."""
    await ari.post("asterisk/variable", variable=_name(call_id))  # without a value: it is no more


def _name(call_id: str) -> str:
    return f"OTKLIK_CALL_{call_id}"
