"""Addresses of pages: where a request was made, and where a form may lead back to."""

from __future__ import annotations

from fastapi import Request


def address_of(request: Request) -> str:
    """Path and query of a request, to come back to."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def local(target: str) -> str:
    """An address of this site only: whoever makes a link must not send people elsewhere after the log-in."""
    fine = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if fine else "/calls"
