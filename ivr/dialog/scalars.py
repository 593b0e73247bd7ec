"""What scenarios are written with: names, facts, keys, texts. Their types tell a check what to look at.

A key that holds a ``SpokenText`` is held to its facts and formats and rendered ahead, one that holds a ``NodeName``
must lead somewhere: nobody has to add it to a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


class Declared(BaseModel):
    """Value that is read from YAML as it stands: its class is the only declaration of a key.

    Docstrings of attributes are what an editor shows while one types.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Spoken(str):
    """Text the caller or a person hears, with facts to be put in."""

    __slots__ = ()


class Target(str):
    """Name of the node that follows."""

    __slots__ = ()


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
NodeName = Annotated[Name, AfterValidator(Target)]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]
"""Key of the telephone."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
SpokenText = Annotated[Text, AfterValidator(Spoken)]
Phrases = Annotated[tuple[Text, ...], Field(min_length=1)]


def listed(value: Any) -> Any:
    """One value as a list of one: both may be written."""
    if value == []:
        raise ValueError("give one at least, or leave the key out")
    return () if value is None else value if isinstance(value, list | tuple) else (value,)


Texts = Annotated[
    tuple[SpokenText, ...],
    BeforeValidator(listed, json_schema_input_type=Text | Annotated[list[Text], Field(min_length=1)] | None),
]
"""Wordings of one text: each time the next."""

Where = tuple[str | int, ...]
"""Path of keys within the YAML."""
Kind = TypeVar("Kind")


def found(value: object, kind: type[Kind], where: Where = ()) -> Iterator[tuple[Where, Kind]]:
    """Everything of a type within a declared value, each with its place in the YAML."""
    if isinstance(value, kind):
        yield where, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from found(getattr(value, name), kind, (*where, name))
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from found(below, kind, (*where, key))
    elif isinstance(value, tuple):
        for index, below in enumerate(value):
            yield from found(below, kind, (*where, index))
