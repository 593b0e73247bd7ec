"""Sound over HTTP: parts of a file for the player, and the shape of it for the waveform."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from api.kit.problems import Problem
from api.kit.sound_file import SoundFile
from recordings.audio_store import AudioStore

BLOCK = 1 << 16
"""Bytes read at a time."""

MEDIA_TYPES = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".opus": "audio/ogg",
    ".ogg": "audio/ogg",
    ".m4a": "audio/mp4",
}
"""What browsers call the endings; other ones are asked of the system."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``first``..``last`` of a file, both included."""

    first: int
    last: int


def wanted_span(header: str | None, size: int) -> Span | None:
    """The part of a file a Range header asks for; None means the whole file.

    A header of another unit, of several parts or not understood counts as none, as RFC 9110 allows.

    Raises:
        Problem: 416, the part lies outside the file.
    """
    match = re.fullmatch(r"\s*+bytes\s*+=\s*+(\d{0,15})\s*+-\s*+(\d{0,15})\s*+", header or "", re.IGNORECASE)
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        span = Span(max(0, size - int(last)), size - 1)
    else:
        if last and int(last) < int(first):
            return None
        span = Span(int(first), min(int(last) if last else size - 1, size - 1))
    if span.first > span.last:
        raise Problem(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            "range_outside",
            f"The sound has {size} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return span


def sound_response(request: Request, store: AudioStore, sound: SoundFile, *, download: bool) -> Response:
    """The sound, or the part of it the player asks for (RFC 9110: Range, If-Range, If-None-Match).

    Raises:
        Problem: 416, the part lies outside the file.
        SoundMissing: the store has lost the sound.
    """
    etag = sound.etag
    caching = "private, max-age=0, must-revalidate" if sound.kept else "no-store"
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": caching}
    if sound.kept and etag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    kind = "attachment" if download else "inline"
    headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(sound.filename, safe='')}"

    size = store.size(sound.key)
    fresh = request.headers.get("if-range", etag) == etag
    span = wanted_span(request.headers.get("range"), size) if fresh else None
    status = HTTPStatus.OK
    if span is None:
        span = Span(0, size - 1)
    else:
        status = HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = f"bytes {span.first}-{span.last}/{size}"
    headers["Content-Length"] = str(span.last - span.first + 1)
    media_type = media_type_of(sound.key)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    return StreamingResponse(_read(store.open(sound.key), span), status, headers, media_type)


def media_type_of(key: str) -> str:
    """What a browser is told the file is."""
    ending = PurePosixPath(key).suffix.lower()
    guessed = mimetypes.guess_type(key)[0] or ""
    return MEDIA_TYPES.get(ending) or (guessed if guessed.startswith("audio/") else "application/octet-stream")


def _read(file: BinaryIO, span: Span) -> Iterator[bytes]:
    with file:
        file.seek(span.first)
        left = span.last - span.first + 1
        while left and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
