"""Numbers and addresses in log lines, whoever wrote them."""

from __future__ import annotations

import io
import logging

import pytest

from speech.redaction.log_masks import WHOLE, mask_logs, masked_line

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("from +79161234567 to 1000", "from +7 916 •••-••-67 to 1000"),
        ("from 89161234567, ru", "from +7 916 •••-••-67, ru"),
        ("PJSIP/79161234567-00000001", "PJSIP/+7 916 •••-••-67-00000001"),
        ("call otklik-1795327401.7: ends", "call otklik-1795327401.7: ends"),
        ("recording 0b0e7c1e-6d1c-4c7e-9d55-0f6f2a8a8f11", "recording 0b0e7c1e-6d1c-4c7e-9d55-0f6f2a8a8f11"),
        ("mail of anna.petrova@example.com", "mail of a•••@example.com"),
        ("+7 (916) 123-45-67 and +442079460000", "+7 916 •••-••-67 and +442 ••• 00"),
        ("unique\nDETAIL: Key (text)=(у меня диабет) exists.", "unique\nDETAIL: …"),
        ("2026-11-30 20:47:06,123 INFO 12345678 bytes", "2026-11-30 20:47:06,123 INFO 12345678 bytes"),
    ],
)
def test_lines(line: str, masked: str) -> None:
    assert masked_line(line) == masked


def test_a_handler_masks_tracebacks_and_keeps_a_promise() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    mask_logs([handler])
    mask_logs([handler])
    log = logging.Logger("masked")
    log.addHandler(handler)
    try:
        raise ValueError("no place for +79161234567")
    except ValueError:
        log.exception("broke off")
    log.critical("CALL BACK %s", "+79161234567", extra={WHOLE: True})
    first, promise = out.getvalue().rsplit("CRITICAL", 1)
    assert "ERROR broke off" in first
    assert "1234567" not in first
    assert promise == " CALL BACK +79161234567\n"
