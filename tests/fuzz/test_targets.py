"""Every reader of what comes from outside, attacked: what fell out once, and some hundred new inputs.

``python -m tests.fuzz TARGET`` does as many as wanted, and keeps what fails for the first of these.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.making import Dice
from tests.fuzz.run import Fault, attacked, kept
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", TARGETS)
def test_what_fell_out_once(name: str) -> None:
    for body in kept(name):
        came = attacked(TARGETS[name], body)
        assert not isinstance(came, Fault), f"{came.what}\n{body!r:.300}\n{came.trace}"


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_falls_out(name: str) -> None:
    target = TARGETS[name]

    @settings(settings.get_profile("fuzz"))
    @given(st.binary(max_size=40))
    def attack(recipe: bytes) -> None:
        body = target.make(Dice(recipe))
        came = attacked(target, body)
        assert not isinstance(came, Fault), f"{came.what}\n{body!r:.300}\n{came.trace}"

    attack()


def test_a_fault_would_be_seen() -> None:
    """The harness itself."""
    target = TARGETS["yaml"]
    broken = type(target)(make=target.make, attack=lambda text: text[100_000], refusals=())
    assert isinstance(attacked(broken, "a: b"), Fault)
