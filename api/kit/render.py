"""Pages as they are drawn: templates in the reader's language, zone and theme, and the page of an error."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from jinja2 import Environment, StrictUndefined
from starlette.templating import Jinja2Templates

from api.kit import wording
from api.kit.assets import template_loader
from api.kit.auth import User
from api.kit.clock import clock
from api.kit.days import zone_of
from api.kit.links import address_of
from api.kit.rail import sections_of
from api.kit.roles import Permission
from api.kit.translations import choose, label, phrases, say

LANGUAGE_COOKIE = "otklik_language"
THEME_COOKIE = "otklik_theme"
OWED = {"password_wanted": "/account/password", "factor_wanted": "/account/factor"}
"""Code of a problem → page on which the user mends it."""

templates = Jinja2Templates(
    env=Environment(
        loader=template_loader(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
)


def render(
    request: Request,
    name: str,
    user: User | None = None,
    *,
    status: int = HTTPStatus.OK,
    spoken: str = "",
    **values: object,
) -> Response:
    """Draw a page in the reader's language, zone and theme; ``spoken`` is a language that the address names."""
    wanted = spoken or (user.language if user else request.cookies.get(LANGUAGE_COOKIE))
    language = choose(wanted, request.headers.get("accept-language", ""))
    here, now = zone_of(request), datetime.now(UTC)
    theme = request.cookies.get(THEME_COOKIE, "")
    return templates.TemplateResponse(
        request,
        name,
        {
            "user": user,
            "sections": sections_of(user),
            "untrusted_proxies": sorted(request.app.state.ignored_proxies)
            if user and user.may(Permission.USERS)
            else (),
            "language": language,
            "theme": theme if theme in ("light", "dark") else "",
            "nonce": request.state.nonce,
            "t": partial(say, language),
            "name_of": partial(label, language),
            "when": partial(wording.when, here=here, language=language, now=now),
            "moment": partial(wording.moment, here=here, language=language),
            "hour": partial(wording.hour, here=here, language=language),
            "day": partial(wording.day, language=language),
            "short_day": partial(wording.short_day, language=language),
            "weekday": partial(wording.weekday, language=language),
            "clock": clock,
            "browser_name": wording.browser_name,
            "masked": wording.masked,
            "percent": wording.percent,
            "number": partial(wording.number, language=language),
            "mood_of": wording.sentiment_name,
            "signed": partial(wording.signed, language=language),
            "due": partial(wording.due, language=language),
            "sum_of": partial(wording.amount, language=language),
            **values,
        },
        status,
        headers={"Content-Language": language, "Vary": "HX-Request, Cookie, Accept-Language"},
    )


def error_page(request: Request, status: int, code: str) -> Response:
    """What a person sees instead of problem details; who is not logged in is led to the log-in, who owes to where."""
    if target := OWED.get(code):
        return RedirectResponse(target, HTTPStatus.SEE_OTHER)
    if code == "unauthenticated":
        target = "/login"
        if request.method == "GET" and request.url.path != "/":
            target += "?next=" + quote(address_of(request), safe="/")
        return RedirectResponse(target, HTTPStatus.SEE_OTHER)
    return render(
        request, "kit/error.html", status=status, code=code if f"error.{code}.title" in phrases("ru") else "other"
    )
