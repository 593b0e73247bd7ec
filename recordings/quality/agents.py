"""Who takes calls, as quality and figures name them, and who may evaluate."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from recordings.database import insert_once
from recordings.tables import AgentRow, CallRow, UserRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    endpoint: str
    """Endpoint of their phone, as ``PJSIP/101``."""
    name: str
    """Empty for an endpoint that has taken calls and was never named."""
    team: str = ""

    @property
    def shown(self) -> str:
        return self.name or self.endpoint.rsplit("/", 1)[-1]


def set_agent(db: Session, endpoint: str, *, name: str, team: str) -> Agent:
    """Name who answers an endpoint.

    Raises:
        ValueError: the endpoint or the name is empty or too long.
    """
    endpoint, name, team = endpoint.strip(), name.strip(), team.strip()
    for what, value, most in (("endpoint", endpoint, 64), ("name", name, 128)):
        if not 0 < len(value) <= most:
            raise ValueError(f"the {what} has 1 to {most} characters, got {len(value)}")
    if len(team) > 64:
        raise ValueError(f"the team has up to 64 characters, got {len(team)}")
    if not insert_once(db, AgentRow, {"endpoint": endpoint, "name": name, "team": team}):
        row = db.get_one(AgentRow, endpoint)
        row.name, row.team = name, team
        db.flush()
    return Agent(endpoint=endpoint, name=name, team=team)


def list_agents(db: Session) -> list[Agent]:
    """Everybody who is named or has taken a call, by team and name."""
    endpoints = union(select(AgentRow.endpoint), select(CallRow.agent).where(CallRow.agent != "")).subquery()
    rows = db.execute(
        select(endpoints.c[0], AgentRow.name, AgentRow.team).outerjoin(AgentRow, AgentRow.endpoint == endpoints.c[0])
    )
    agents = [Agent(endpoint=endpoint, name=name or "", team=team or "") for endpoint, name, team in rows]
    return sorted(agents, key=lambda agent: (agent.team, agent.shown, agent.endpoint))


def logins(db: Session, roles: Collection[str]) -> list[str]:
    """Who has one of the roles and may log in, by alphabet."""
    fits = (UserRow.role.in_(roles), UserRow.off_at.is_(None))
    return list(db.scalars(select(UserRow.login).where(*fits).order_by(UserRow.login)))
