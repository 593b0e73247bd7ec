"""Sound to a player, with each reason why there is none told as a problem."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import Response

from api.kit.problems import Problem
from api.kit.sound import sound_response
from api.kit.sound_file import SoundFile
from api.operations.sound import NotRedacted
from recordings.audio_store import AudioStore
from recordings.errors import SoundErased, SoundMissing


def play(request: Request, store: AudioStore, find: Callable[[], SoundFile], *, download: bool = False) -> Response:
    """The sound that ``find`` finds or makes.

    Raises:
        Problem: 404, there is no sound any more; 409, it is not redacted yet; 416, the part lies outside of it.
    """
    try:
        return sound_response(request, store, find(), download=download)
    except NotRedacted as error:
        raise Problem(HTTPStatus.CONFLICT, error.code, str(error)) from error
    except SoundErased as error:
        raise Problem(HTTPStatus.NOT_FOUND, "call_unknown", str(error)) from error
    except SoundMissing as error:
        raise Problem(HTTPStatus.NOT_FOUND, error.code, str(error)) from error
