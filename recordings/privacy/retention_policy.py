"""How long what is kept: a YAML file that people write.

    rules:                       # of several that fit a contact, the first one counts
      - {keep: sound, days: 30, outcome: settled}
      - {keep: sound, days: 180}
      - {keep: call, days: null, segment: vip}      # for ever
      - {keep: call, days: 1095}

``sound`` deletes the sound alone; ``words`` what was said, in transcripts, turns and quotes, while figures stay;
``call`` and ``chat`` the whole contact; ``audit`` lines of the audit trail.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recordings.contacts.call import Outcome
from recordings.errors import PolicyWrong
from speech.yaml_source import FileRefused, read_bytes, read_yaml

LONGEST_FILE = 100_000
"""Characters."""


class Keep(StrEnum):
    SOUND = "sound"
    WORDS = "words"
    CALL = "call"
    CHAT = "chat"
    AUDIT = "audit"


class Rule(BaseModel):
    """One line of the policy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep: Keep
    days: Annotated[int, Field(ge=1)] | None
    """Since the contact began; None keeps for ever."""
    segment: str = ""
    """Only of customers of this segment; empty for all."""
    outcome: Outcome | None = None
    """Only of contacts that ended so; None for all."""

    @model_validator(mode="after")
    def _audit_is_of_nobody(self) -> Rule:
        if self.keep is Keep.AUDIT and (self.segment or self.outcome):
            raise ValueError("the audit trail has neither segment nor outcome")
        return self


class Policy(BaseModel):
    """All rules, in the order in which they are asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: tuple[Rule, ...] = ()

    def of(self, keep: Keep) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.keep is keep)


def read_policy(file: Path) -> Policy:
    """The policy of an installation; without a file everything is kept for ever.

    Raises:
        PolicyWrong: the file has a mistake, which it names; nothing is to be deleted by it.
    """
    if not file.exists():
        return Policy()
    try:
        source = read_yaml(read_bytes(file, most=LONGEST_FILE), file.name, most=LONGEST_FILE)
        return source.shaped(Policy) if source.data else Policy()
    except FileRefused as refused:
        raise PolicyWrong(str(refused)) from refused
