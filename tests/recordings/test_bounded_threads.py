"""Threads that hang keep nobody else waiting, and there is an end to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from recordings.bounded_threads import BoundedThreads
from recordings.errors import ThreadsBusy
from tests.services import wait_until

pytestmark = pytest.mark.unit


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What hangs, hangs until it is set."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_results_and_errors_come_back() -> None:
    threads = BoundedThreads("test", threads=2, waiting=2)
    assert threads.result(lambda: 6 * 7, seconds=10) == 42
    with pytest.raises(ZeroDivisionError):
        threads.result(lambda: 1 // 0, seconds=10)
    with pytest.raises(TimeoutError, match="of its own"):
        threads.result(_times_out, seconds=10)
    assert threads.hanging == 0


def _times_out() -> None:
    raise TimeoutError("of its own")


def test_a_full_pool_answers_at_once(gate: threading.Event) -> None:
    threads = BoundedThreads("test", threads=2, waiting=1)
    jobs = [threads.submit(gate.wait) for _ in range(3)]
    with pytest.raises(ThreadsBusy, match="wait already"):
        threads.submit(gate.wait)
    gate.set()
    assert [job.future.result(10) for job in jobs] == [True] * 3


def test_a_pool_is_full_before_its_threads_come_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed before, on a busy machine: as many more were taken as there are threads."""
    monkeypatch.setattr(threading.Thread, "start", lambda _thread: None)
    threads = BoundedThreads("test", threads=3, waiting=2)
    for _ in range(5):
        threads.submit(lambda: None)
    with pytest.raises(ThreadsBusy, match="wait already"):
        threads.submit(lambda: None)


def test_one_that_hangs_is_replaced_and_bounded(gate: threading.Event) -> None:
    threads = BoundedThreads("test", threads=1, waiting=4, most_left=2)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            threads.result(gate.wait, seconds=0.05)
        assert threads.result(lambda: "served", seconds=10) == "served"
    with pytest.raises(TimeoutError):
        threads.result(gate.wait, seconds=0.05)
    before = threading.active_count()
    for _ in range(5):  # all spare ones hang: nothing is begun, nothing waits, no thread more
        with pytest.raises(ThreadsBusy, match="threads hang"):
            threads.result(lambda: "never", seconds=10)
    assert threading.active_count() == before
    gate.set()
    wait_until(lambda: threads.hanging == 0, seconds=10, what="the threads to come back")
    assert threads.result(lambda: "served again", seconds=10) == "served again"


def test_what_waits_in_vain_is_never_begun(gate: threading.Event) -> None:
    threads = BoundedThreads("test", threads=1, waiting=4, most_left=0)
    held = threads.submit(gate.wait)
    begun: list[int] = []
    with pytest.raises(TimeoutError):
        threads.result(lambda: begun.append(1), seconds=0.05)
    gate.set()
    assert held.future.result(10)
    assert threads.result(lambda: len(begun), seconds=10) == 0


def test_many_at_once_with_some_given_up(gate: threading.Event) -> None:
    threads = BoundedThreads("test", threads=4, waiting=200, most_left=8)
    jobs = [threads.submit(partial(int, number)) for number in range(150)]
    for job in jobs[::7]:
        threads.give_up(job)
    kept = [job.future.result(10) for job in jobs if not job.future.cancelled()]
    assert set(kept) >= set(range(150)) - set(range(0, 150, 7))
    wait_until(lambda: threads.hanging == 0, seconds=10, what="all to come back")
