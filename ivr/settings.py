"""Where Asterisk is, whom calls are handed to and which conversations are held; read once a process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr

from ivr.business.settings import BusinessSettings
from ivr.dialog.nodes import Scenario
from ivr.scenario.registry import ScenarioRegistry
from ivr.telephony.settings import AriSettings
from speech.settings import Settings


class RobotSettings(AriSettings, BusinessSettings):
    """What the robot needs besides its voice, its recogniser and the store."""

    agent_endpoint: str = "PJSIP/agent"
    """Who is rung when a caller wants a person."""
    agent_ring_seconds: float = Field(default=20.0, gt=0)
    """Seconds an agent's phone rings before the caller is offered a call-back."""
    default_extension: str = "1000"
    """Whose scenario takes calls to extensions that have none."""
    most_calls: int = Field(default=0, ge=0)
    """Conversations at once; who rings above it is told that all lines are busy. 0: what the machine's cores hold."""
    most_speech_calls: int = Field(default=0, ge=0)
    """Of these, callers who are heard; above it the keys of the telephone serve, or a person. 0: by the cores."""
    most_calls_of_number: int = Field(default=3, ge=0)
    """Conversations at once with one number, so that nobody takes all lines. 0: any; so behind an exchange that shows
    one number for all."""
    scenarios: str = str(Path(__file__).parent / "scenarios")
    """Folders of scenario files, joined by the system's path separator."""

    @property
    def scenario_folders(self) -> list[Path]:
        return [Path(folder) for folder in self.scenarios.split(os.pathsep) if folder]

    def load_scenarios(self) -> Mapping[str, Scenario]:
        """Scenarios by extension, that of ``default_extension`` first, then in the order of their files' names.

        Raises:
            ScenarioError: a file has faults, two want one extension, or there is none.
        """
        all_loaded = ScenarioRegistry(self.scenario_folders, first=self.default_extension).all_loaded
        return {extension: loaded.scenario for extension, loaded in all_loaded.items()}


class PhoneSettings(Settings):
    """Where our own softphones call, and the agent's password."""

    sip_bind: str = "127.0.0.1"
    sip_port: int = 5060
    agent_password: SecretStr = SecretStr("")

    @property
    def sip_server(self) -> str:
        address = "127.0.0.1" if self.sip_bind == "0.0.0.0" else self.sip_bind  # noqa: S104  # compared, not bound
        return f"{address}:{self.sip_port}"


@cache
def robot_settings() -> RobotSettings:
    """The process's own."""
    return RobotSettings()
