"""A reverse proxy as nginx or Caddy is one: ends TLS, so it says, and tells the server who asks and by which scheme.

``python -m tests.api.reverse_proxy PORT SERVER_PORT``. Visitors say in ``X-Test-Address`` from where they come.
"""

from __future__ import annotations

import asyncio
import sys

import aiohttp
from aiohttp import web

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "content-length", "content-encoding"}


async def forward(request: web.Request) -> web.StreamResponse:
    claimed = request.headers.getall("X-Forwarded-For", [])
    address = request.headers.get("X-Test-Address", request.remote or "")
    passed = [(name, value) for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP]
    headers = [
        (name, value) for name, value in passed if not name.lower().startswith(("x-forwarded-", "sec-websocket"))
    ]
    headers += [("X-Forwarded-For", ", ".join([*claimed, address])), ("X-Forwarded-Proto", "https")]
    target = f"http://127.0.0.1:{request.app['server']}{request.path_qs}"
    session: aiohttp.ClientSession = request.app["session"]
    if request.headers.get("Upgrade", "").lower() == "websocket":
        return await _socket(request, session, target, headers)
    body = await request.read()
    async with session.request(
        request.method, target, headers=headers, data=body, allow_redirects=False, skip_auto_headers=["User-Agent"]
    ) as answer:
        response = web.Response(status=answer.status, body=await answer.read())
        for name, value in answer.headers.items():
            if name.lower() not in HOP_BY_HOP | {"content-type"}:
                response.headers.add(name, value)
        response.headers["Content-Type"] = answer.headers.get("Content-Type", "text/plain")
        return response


async def _socket(
    request: web.Request, session: aiohttp.ClientSession, target: str, headers: list[tuple[str, str]]
) -> web.WebSocketResponse:
    async with session.ws_connect(target, headers=headers) as inner:
        outer = web.WebSocketResponse()
        await outer.prepare(request)
        ways = (asyncio.create_task(_pump(outer, inner)), asyncio.create_task(_pump(inner, outer)))
        _, others = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for other in others:
            other.cancel()
        await outer.close()
        return outer


async def _pump(
    source: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
    target: web.WebSocketResponse | aiohttp.ClientWebSocketResponse,
) -> None:
    async for message in source:
        if message.type is aiohttp.WSMsgType.TEXT:
            await target.send_str(message.data)


async def _with_session(app: web.Application) -> object:
    app["session"] = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)
    yield
    await app["session"].close()


def main() -> None:
    app = web.Application()
    app["server"] = int(sys.argv[2])
    app.cleanup_ctx.append(_with_session)  # type: ignore[arg-type]
    app.router.add_route("*", "/{path:.*}", forward)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)


if __name__ == "__main__":
    main()
