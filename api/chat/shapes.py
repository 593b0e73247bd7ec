"""What comes and goes in writing: frames of the web chat's socket, messages of webhooks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.kit.bounds import LONGEST_MESSAGE
from api.kit.shapes import Shape


def _storable(text: str) -> str:
    """Without what no database keeps: zeros, and halves of characters that JSON lets through."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


Text = Annotated[str, AfterValidator(_storable)]


class Hello(BaseModel):
    """First frame of a socket."""

    type: Literal["hello"]
    visitor: str = Field(default="", max_length=64)
    """The browser's secret; empty or odd: it gets one."""
    source: Text = Field(default="", max_length=64)


class Say(BaseModel):
    """The visitor has written something; ``id`` is the browser's, and the same when it is sent again."""

    type: Literal["say"]
    id: Text = Field(min_length=1, max_length=64)
    text: Text


class Look(BaseModel):
    """Show everything again: another tab may have written."""

    type: Literal["look"]


class MessageIn(BaseModel):
    """What somebody has written."""

    model_config = ConfigDict(use_attribute_docstrings=True, populate_by_name=True)

    id: Text = Field(min_length=1, max_length=256)
    """Of the message; the same id is answered once."""
    sender: Text = Field(alias="from", min_length=1, max_length=256)
    """Who writes, in the channel's own terms: one sender, one conversation."""
    text: Text = Field(max_length=LONGEST_MESSAGE)
    """Plain text. Of a mail the quoted lines and the signature are left out."""
    language: Text = Field(default="", max_length=8)
    """Of a new conversation; empty for the first one there is."""
    phone: Text = Field(default="", max_length=32)
    """Number that the channel itself has made sure of. What belongs to it is told to the sender."""
    source: Text = Field(default="", max_length=64)
    """What brought a new customer; empty for the webhook's name."""
    reply_to: Text = Field(default="", max_length=256)
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
