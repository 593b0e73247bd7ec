"""One core a phrase: a live robot has more phrases to understand than cores, and small products gain nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_inside = 0
_limit: Any = None


@contextmanager
def one_core() -> Iterator[None]:
    """Keep matrix products on the core that asks, in all threads, while any thread is inside.

    OpenBLAS has one setting for the process. On a busy machine a product spread over its threads waits for each of
    them: 20 ms for what takes one.
    """
    global _inside, _limit
    with _lock:
        if _inside == 0:
            _limit = _pools().limit(limits=1, user_api="blas")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _limit.restore_original_limits()


@cache
def _pools() -> Any:
    import_module("numpy")  # its BLAS has to be loaded to be found
    return ThreadpoolController()
