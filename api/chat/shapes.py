"""What comes and goes in writing: frames of the web chat's socket, messages of webhooks."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.kit.shapes import Shape

LONGEST_BODY = 256 * 1024
"""Bytes of a webhook's message."""


class Hello(BaseModel):
    """First frame of a socket."""

    type: Literal["hello"]
    visitor: str = Field(default="", max_length=64)
    """The browser's secret; empty or odd: it gets one."""
    source: str = Field(default="", max_length=64)


class Say(BaseModel):
    """The visitor has written something; ``id`` is the browser's, and the same when it is sent again."""

    type: Literal["say"]
    id: str = Field(min_length=1, max_length=64)
    text: str


class Look(BaseModel):
    """Show everything again: another tab may have written."""

    type: Literal["look"]


class MessageIn(BaseModel):
    """What somebody has written."""

    model_config = ConfigDict(use_attribute_docstrings=True, populate_by_name=True)

    id: str = Field(min_length=1, max_length=256)
    """Of the message; the same id is answered once."""
    sender: str = Field(alias="from", min_length=1, max_length=256)
    """Who writes, in the channel's own terms: one sender, one conversation."""
    text: str = Field(max_length=LONGEST_BODY)
    """Plain text. Of a mail the quoted lines and the signature are left out."""
    language: str = Field(default="", max_length=8)
    """Of a new conversation; empty for the first one there is."""
    phone: str = Field(default="", max_length=32)
    """Number that the channel itself has made sure of. What belongs to it is told to the sender."""
    source: str = Field(default="", max_length=64)
    """What brought a new customer; empty for the webhook's name."""
    reply_to: str = Field(default="", max_length=256)
    """Handed back as it came."""


class AnswersOut(Shape):
    """What the robot writes back."""

    replies: tuple[str, ...]
    """One message each, in order; plain text."""
    suggestions: tuple[str, ...]
    """Short answers the channel may show as buttons."""
    ended: bool
    """The conversation is over; the next message begins another."""
    reply_to: str
