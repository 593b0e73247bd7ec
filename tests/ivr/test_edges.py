"""What can be said about Asterisk without one, and the shop behind the robot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr.ari import is_safe
from ivr.business import REQUESTS
from ivr.demo_shop import ORDERS, DemoShop, phone_digits
from ivr.errors import BusinessError
from ivr.recorder import spooled_sound
from ivr.settings import RobotSettings
from speech.audio import Sound, write_wav

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("version", "safe"),
    [("22.10.1", True), ("22.9.0", False), ("23.0.0", True), ("20.19.1", False), ("GIT-master", False)],
)
def test_versions(version: str, safe: bool) -> None:
    assert is_safe(version) == safe


def test_a_spooled_file_is_read_whatever_its_header_says(tmp_path: Path) -> None:
    samples = np.arange(800, dtype=np.int16)[np.newaxis]
    write_wav(tmp_path / "call.wav", Sound(samples=samples, rate=8000))
    wav = bytearray((tmp_path / "call.wav").read_bytes())
    whole = spooled_sound(bytes(wav))
    at = wav.index(b"data") + 4
    wav[at : at + 4] = bytes(4)  # as an Asterisk that died leaves it
    torn = spooled_sound(bytes(wav[:-1]))
    assert np.array_equal(whole.samples, samples)
    assert np.array_equal(torn.samples, samples[:, :-1])
    assert spooled_sound(b"").samples.shape == (1, 0)


@pytest.fixture
def shop(tmp_path: Path) -> DemoShop:
    return DemoShop(f"sqlite:///{tmp_path / 'shop' / 'shop.db'}")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_shop_knows_its_orders(shop: DemoShop, language: str) -> None:
    for number in ORDERS:
        reply = shop.ask("orders.status", {"order.number": number}, language)
        assert set(reply.facts) == set(REQUESTS["orders.status"].outcomes["found"])
        assert reply.facts["order.state"]
    assert shop.ask("orders.status", {"order.number": "9999"}, language).outcome == "missing"
    shop.close()


@pytest.mark.parametrize("number", ["+79161234567", "89161234567", "79161234567", "8 (916) 123-45-67"])
def test_the_shop_knows_customers_however_their_number_is_written(shop: DemoShop, number: str) -> None:
    assert shop.ask("customers.find", {"caller.number": number}, "ru").facts["customer.name"] == "Анна"
    assert shop.ask("customers.find", {"caller.number": ""}, "ru").outcome == "missing"
    assert phone_digits("") == ""
    shop.close()


def test_a_shop_that_is_not_there_does_not_tell_its_password(tmp_path: Path) -> None:
    with pytest.raises(BusinessError, match="OTKLIK_SHOP_URL") as refusal:
        DemoShop("postgresql+psycopg://shop:very-secret@127.0.0.1:1/shop")
    assert "very-secret" not in str(refusal.value)


def test_unknown_extensions_get_the_scenario_of_the_default_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    for wanted in ("1000", "2000"):
        assert next(iter(RobotSettings(default_extension=wanted).load_scenarios())) == wanted
    assert next(iter(RobotSettings().load_scenarios())) == "1000"


def test_a_shop_without_a_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(BusinessError, match=r"shop\.db"):
        DemoShop(f"sqlite:///{tmp_path / 'shop.db'}")
