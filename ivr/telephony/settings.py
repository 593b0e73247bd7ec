"""Where Asterisk is and under which name the robot takes its calls; read once a process."""

from __future__ import annotations

from pydantic import SecretStr

from speech.settings import Settings


class AriSettings(Settings):
    """What the robot and the watchdog need to reach Asterisk."""

    ari_host: str = "127.0.0.1"
    """Machine that Asterisk runs on."""
    ari_port: int = 8088
    ari_user: str = "robot"
    ari_password: SecretStr = SecretStr("")
    stasis_app: str = "otklik"
    """Name the dialplan's ``Stasis()`` calls the robot by; further robots append ``-2``, ``-3`` … by themselves."""

    @property
    def ari_address(self) -> str:
        return f"http://{self.ari_host}:{self.ari_port}"
