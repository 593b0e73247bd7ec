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

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from recordings.contacts.call import Outcome
from recordings.errors import PolicyWrong


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
        body = yaml.safe_load(file.read_text(encoding="utf-8"))
        return Policy.model_validate(body or {})
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise PolicyWrong(f"{file.name}:{line}: {problem.problem}") from problem
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise PolicyWrong(f"{file.name}: {problem}") from problem
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PolicyWrong(f"{file.name}: {where}: {first['msg']}") from problem
