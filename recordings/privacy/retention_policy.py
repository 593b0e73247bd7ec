"""How long what is kept: a YAML file that people write.

    rules:                       # of several that fit a contact, the first one counts
      - {keep: sound, days: 30, outcome: settled}
      - {keep: sound, days: 180}
      - {keep: call, days: null, segment: vip}      # for ever
      - {keep: call, days: 1095}

Of contacts: ``sound`` deletes the sound alone; ``words`` what was said and written, with all that quotes it, while
figures stay; ``call`` and ``chat`` the whole contact.

Of what lies beside them, by age alone: ``customer`` cards nobody has turned to us with any more, ``callback`` those
that somebody has rung, ``outbox`` wishes that are settled, ``learning`` phrases for the models and proposed topics,
``alert`` alerts with their deliveries, ``job`` work in bulk that has ended, ``file`` logs and call logs put aside,
``audit`` lines of the audit trail.
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
    CUSTOMER = "customer"
    CALLBACK = "callback"
    OUTBOX = "outbox"
    LEARNING = "learning"
    ALERT = "alert"
    JOB = "job"
    FILE = "file"
    AUDIT = "audit"


OF_CONTACT = (Keep.SOUND, Keep.WORDS, Keep.CALL, Keep.CHAT)
"""What has a segment and an outcome to tell it apart by."""


class Rule(BaseModel):
    """One line of the policy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep: Keep
    days: Annotated[int, Field(ge=1)] | None
    """Since the contact began, or since the rest was made or settled; None keeps for ever."""
    segment: str = ""
    """Only of customers of this segment; empty for all."""
    outcome: Outcome | None = None
    """Only of contacts that ended so; None for all."""

    @model_validator(mode="after")
    def _only_contacts_are_told_apart(self) -> Rule:
        if self.keep not in OF_CONTACT and (self.segment or self.outcome):
            raise ValueError(f"{self.keep} has neither segment nor outcome")
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
