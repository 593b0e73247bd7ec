"""A scenario's files as people write them; intents and nodes are declared in ``ivr.dialog.nodes``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints
from pydantic.json_schema import GenerateJsonSchema

from ivr.dialog.nodes import Intent, Node
from ivr.dialog.scalars import Declared, Key, Name, Text


class Request(Declared):
    """What is understood at every question; ways to say it stand in the language pack."""

    go: Name
    key: Key | None = None
    """Key that means it."""


class Anywhere(Declared):
    """What is understood at every question."""

    person: Request | None = None
    """The caller wants a human."""
    no_recording: Request | None = None
    """The caller does not want to be recorded."""
    angry: Request | None = None
    """The caller is very angry."""


class JobFile(Declared):
    """A part of scenarios: the questions of one job, and what callers say who want it."""

    intents: Mapping[Name, Intent] = {}
    """Name → what callers want."""
    nodes: Annotated[Mapping[Name, Node], Field(min_length=1)]
    """Name → step of the conversation."""


class ScenarioFile(JobFile):
    """A whole conversation; jobs may stand in files of their own."""

    name: Name
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    extension: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,32}$")]
    """Number it answers."""
    start: Name
    """First node."""
    fallback: Name
    """Node for whatever fails."""
    max_seconds: Annotated[float, Field(gt=0, le=7200)] = 600.0
    """How long the robot may talk."""
    failures: Annotated[int, Field(ge=1, le=10)] = 3
    """Answers that may be missed in one conversation until the fallback."""
    include: tuple[Text, ...] = ()
    """Files of jobs, beside this one."""
    anywhere: Anywhere = Anywhere()


def schema(shape: type[BaseModel] = ScenarioFile) -> dict[str, Any]:
    """JSON schema of scenario files, or of the job files they include, for editors."""
    return {"$schema": GenerateJsonSchema.schema_dialect, **shape.model_json_schema()}
