"""Messengers and e-mail bridges: a signed message in, the robot's answers out, in one request.

Messages are signed as our own requests to a company's system are (``ivr.business.signature``), path ``/webhooks/NAME``.
A message that comes again, under the same id, is answered the same and changes nothing.
"""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request
from pydantic import ValidationError

from api.chat.messages import MOST_LETTERS, MOST_WORDS, Busy, Writer, take
from api.chat.runtime import Runtime
from api.chat.shapes import AnswersOut, MessageIn
from api.kit.bounds import LONGEST_MESSAGE
from api.kit.deps import Web
from api.kit.problems import Problem, described
from ivr.business.signature import SIGNATURE, TIMESTAMP, WINDOW_SECONDS, fault
from ivr.errors import IvrError

SIGNATURE_MARK = "-- "
"""Line that ends a mail's own text (RFC 3676, 4.3)."""
ATTRIBUTION = re.compile(
    r"on .{4,200} wrote|.{4,200} (?:пишет|писала?|написала?)|.{0,60}original message.{0,20}"
    r"|.{0,60}исходное сообщение.{0,20}|-{2,20}+ ?forwarded message.{0,60}",
    re.IGNORECASE,
)
"""Line above what a mail answers to, without the colon and dashes at its end."""
LONGEST_ATTRIBUTION = 300
"""Characters; no longer line is matched."""

router = APIRouter(tags=["channels"])


async def raw_body(request: Request) -> bytes:
    """The bytes that are signed; only awaiting gets them."""
    return await request.body()


def signed_body(
    web: Web,
    body: Annotated[bytes, Depends(raw_body)],
    name: Annotated[str, Path(max_length=32, description="As in `OTKLIK_WEBHOOKS`")],
    x_otklik_timestamp: Annotated[str, Header(description="Whole Unix seconds")] = "",
    x_otklik_signature: Annotated[str, Header(description="Hex HMAC-SHA256, see the README")] = "",
) -> bytes:
    """Let a message pass only when it comes from who has the webhook's secret, and now.

    Raises:
        Problem: 404, 401 or 413.
    """
    secret = web.webhooks.get(name)
    if secret is None:
        raise Problem(HTTPStatus.NOT_FOUND, "webhook_unknown", f"OTKLIK_WEBHOOKS names no {name!r}.")
    if len(body) > LONGEST_MESSAGE:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"Send a body of at most {LONGEST_MESSAGE} bytes."
        )
    wrong = fault(
        secret.get_secret_value(),
        "POST",
        f"/webhooks/{name}",
        body,
        timestamp=x_otklik_timestamp,
        signed=x_otklik_signature,
        now=time.time(),
    )
    if wrong:
        raise Problem(HTTPStatus.UNAUTHORIZED, "signature_wrong", wrong)
    return body


@router.post(
    "/webhooks/{name}",
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": MessageIn.model_json_schema()}}}},
    responses=described(
        s401=f"Wrong {SIGNATURE}, or a {TIMESTAMP} more than {WINDOW_SECONDS} s off",
        s404="No such webhook",
        s413=f"More than {LONGEST_MESSAGE} bytes",
        s422="Wrong fields",
        s503="The robot cannot talk now; send the message again later",
    ),
)
def receive(runtime: Runtime, name: str, body: Annotated[bytes, Depends(signed_body)]) -> AnswersOut:
    """Take one message and answer it. Sent again, it is answered the same."""
    try:
        message = MessageIn.model_validate_json(body)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg']}" for e in error.errors())
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "request_invalid", wrong) from error
    by_mail = "mail" in name.lower() and "@" in message.sender
    who = Writer(
        channel=name,
        address=message.sender,
        language=message.language,
        source=message.source or name,
        phone=message.phone,
        email=message.sender[:254] if by_mail else "",
    )
    try:
        answer = take(runtime, who, own_words(message.text), message.id)
    except IvrError as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "robot_away", str(error).splitlines()[0]) from error
    except Busy as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "robot_busy", str(error), headers={"Retry-After": "1"}) from error
    return AnswersOut(
        replies=answer.replies, suggestions=answer.suggestions, ended=answer.ended, reply_to=message.reply_to
    )


def own_words(text: str) -> str:
    """What somebody has written themselves: without quoted lines and the signature, as much as the chat takes.

    Mails quote what they answer to; one that is nothing but quotes is taken as it is.
    """
    kept: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if line in (SIGNATURE_MARK, SIGNATURE_MARK.rstrip()) or _is_attribution(line):
            break
        if not line.lstrip().startswith((">", "&gt;")):
            kept.append(line)
    words = ("\n".join(kept).strip() or text.strip())[:MOST_LETTERS].strip()
    return words if len(words.split()) <= MOST_WORDS else " ".join(words.split()[:MOST_WORDS])


def _is_attribution(line: str) -> bool:
    line = line.strip().rstrip(":- \t\xa0")
    return len(line) <= LONGEST_ATTRIBUTION and ATTRIBUTION.fullmatch(line) is not None
