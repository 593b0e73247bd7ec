"""Who listens where: a taken port is told with the program that holds it."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Literal

import psutil


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One port a part of Otklik wants to listen on."""

    part: str
    host: str
    number: int
    setting: str
    """Name of the setting that moves it."""
    protocol: Literal["tcp", "udp"] = "tcp"
    of_asterisk: bool = False


def is_free(port: Port) -> bool:
    """Tell whether the port can be bound now."""
    kind = socket.SOCK_STREAM if port.protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        if port.protocol == "tcp":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT counts as free
        try:
            probe.bind((port.host, port.number))
        except OSError:
            return False
        return True


def holder(port: Port) -> str:
    """Program that holds the port, as ``nginx (pid 812)``; says so when the system does not tell."""
    kind = "tcp4" if port.protocol == "tcp" else "udp4"
    for connection in psutil.net_connections(kind):
        listening = port.protocol == "udp" or connection.status == psutil.CONN_LISTEN
        if listening and connection.laddr and connection.laddr.port == port.number and connection.pid:
            try:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
            except psutil.NoSuchProcess:
                continue
    return "a program of another user (run as root to see which)"


def complaint(port: Port) -> str:
    """What to tell about a taken port, and what to do."""
    return (
        f"{port.part}: {port.protocol} port {port.number} on {port.host} is taken by {holder(port)}. "
        f"End that program, or give Otklik another port with {port.setting}=…"
    )
