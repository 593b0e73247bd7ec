"""Names of files, as everyone sees them."""

from __future__ import annotations

import pytest

from speech.redaction.masks import masked_filename

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Иван Петров (+7 999 000-00-05) 2026-03-01 12-30.3gp", "••• (+7 999 •••-••-05) 2026-03-01 12-30.3gp"),
        ("Call recording Ivan Petrov_260301_123045.m4a", "Call recording •••_260301_123045.m4a"),
        ("79161234567.wav", "+7 916 •••-••-67.wav"),
        ("in-89161234567-20260301-123045.wav", "in-+7 916 •••-••-67-20260301-123045.wav"),
        ("20260301123045_+79161234567_out.mp3", "20260301123045_+7 916 •••-••-67_out.mp3"),
        ("Мама +7(999)0000005.amr", "••• +7 999 •••-••-05.amr"),
        ("Анна_Смирнова_79161234567_2026.03.01_12.30.wav", "•••_+7 916 •••-••-67_2026.03.01_12.30.wav"),
        ("Иванова Мария Сергеевна 01.03.2026.ogg", "••• 01.03.2026.ogg"),
        ("ivan.petrov@example.com.wav", "•••.wav"),
        ("+442079460000 John Smith 2026-03-01T12:30:05.wav", "+442 ••• 00 ••• 2026-03-01T12:30:05.wav"),
        ("2026-03-01_12-30_call.wav", "2026-03-01_12-30_call.wav"),
        ("жалоба заказ 4127.wav", "жалоба заказ 4127.wav"),
        ("support_call_12.mp3", "support_call_12.mp3"),
        ("", ""),
        (".wav", ".wav"),
    ],
)
def test_numbers_and_names_are_hidden_and_dates_stay(name: str, shown: str) -> None:
    """Failed before: only seven digits in a row were looked for."""
    assert masked_filename(name) == shown


@pytest.mark.parametrize("name", ["Запись разговора 8 (916) 123-45-67 2026-02-30.mp3", "20261301 79161234567.wav"])
def test_what_is_no_date_is_no_excuse(name: str) -> None:
    shown = masked_filename(name)
    assert "12345" not in shown.replace("-", "")
    assert "123" not in shown
