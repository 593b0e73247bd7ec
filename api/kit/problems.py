"""What went wrong, told to programs as RFC 9457 problem details and to people as a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

OVERTAKEN = "changed_meanwhile"
"""Code of the answer to who was overtaken by an erasure, or by somebody who did the same."""

ErrorPage = Callable[[Request, int, str], Response]
"""Makes the page a person sees from the request, the status and the code."""


class Problem(Exception):
    """Ends a request. ``code`` names the problem for programs and picks the words for people."""

    def __init__(
        self, status: HTTPStatus, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail or status.phrase)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers


class ProblemOut(BaseModel):
    """Problem details by RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:otklik:problem:call_unknown",
                "title": "Not Found",
                "status": 404,
                "code": "call_unknown",
                "detail": "There is no call 1763786401.7.",
                "instance": "/api/calls/1763786401.7",
            }
        }
    )

    type: str = Field(description="Names the kind of problem, for programs")
    title: str = Field(description="The HTTP status in words")
    status: int
    code: str = Field(description="Last part of `type`")
    detail: str = Field(description="What happened here and what to do")
    instance: str = Field(description="Path of the request")
    errors: list[dict[str, Any]] | None = Field(default=None, description="Wrong fields of the request")


def described(**by_status: str) -> dict[int | str, dict[str, Any]]:
    """Problems a route may answer with, for OpenAPI: ``s404="No such call"``."""
    return {
        int(status.removeprefix("s")): {
            "description": what,
            "model": ProblemOut,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
        }
        for status, what in by_status.items()
    }


def problem_response(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: list[dict[str, Any]] | None = None,
) -> JSONResponse:
    """Problem details as the answer to a program."""
    body = ProblemOut(
        type=f"urn:otklik:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        instance=request.url.path,
        errors=errors,
    )
    return JSONResponse(body.model_dump(exclude_none=True), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def wants_page(request: Request) -> bool:
    """Whether a person with a browser asks, not a program."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def install(app: FastAPI, page: ErrorPage) -> None:
    """Make every error of the application a problem; ``page`` draws it for people."""

    def answer(
        request: Request,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        errors: list[dict[str, Any]] | None = None,
    ) -> Response:
        if not wants_page(request):
            return problem_response(request, status, code, detail, headers=headers, errors=errors)
        response = page(request, status, code)
        response.headers.update(headers or {})
        return response

    @app.exception_handler(Problem)
    def told(request: Request, problem: Problem) -> Response:
        return answer(request, problem.status, problem.code, str(problem), problem.headers)

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        code = HTTPStatus(error.status_code).name.lower()
        return answer(request, error.status_code, code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    def misread(request: Request, error: RequestValidationError) -> Response:
        wrong = [{"where": [str(part) for part in e["loc"]], "what": e["msg"]} for e in error.errors()]
        detail = "; ".join(f"{'.'.join(e['where'])}: {e['what']}" for e in wrong)
        return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "request_invalid", detail, errors=wrong)

    @app.exception_handler(DataError)
    @app.exception_handler(UnicodeEncodeError)
    @app.exception_handler(OverflowError)
    def not_storable(request: Request, _: Exception) -> Response:
        """Half of a character, a zero, a number or a day beyond all bounds: fields that let them pass are many."""
        detail = "A field holds a character or a number that cannot be kept."
        return answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "request_invalid", detail)

    @app.exception_handler(IntegrityError)
    def overtaken(request: Request, error: IntegrityError) -> Response:
        """Between looking and writing somebody erased what this is about, or wrote the same."""
        log.warning("%s %s was overtaken", request.method, request.url.path, exc_info=error)
        return answer(request, HTTPStatus.CONFLICT, OVERTAKEN, "What this is about has just changed. Load it again.")

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "The server's log says what went wrong.")
