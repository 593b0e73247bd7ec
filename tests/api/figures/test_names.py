"""Names of the lines of a breakdown: what the data calls a thing, as people call it on every page."""

from __future__ import annotations

import pytest

from api.figures.pages import group_name, transfer_name

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("language", "by", "name", "shown"),
    [
        ("ru", "reason", "order_status", "Статус заказа"),
        ("en", "reason", "order_status", "Order status"),
        ("ru", "reason", "refund", "Возврат денег"),
        ("en", "reason", "late_parcel", "late parcel"),
        ("ru", "language", "en", "английский"),
        ("ru", "team", "доставка", "доставка"),
        ("en", "hour", "9", "9:00"),
    ],
)
def test_a_line_of_a_breakdown(language: str, by: str, name: str, shown: str) -> None:
    assert group_name(language, by, name) == shown


def test_what_was_last_asked_for_has_its_name() -> None:
    assert "Статус заказа" in transfer_name("ru", "intent:order_status")
