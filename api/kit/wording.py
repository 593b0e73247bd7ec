"""Times, durations and numbers the way a supervisor reads them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal

from api.kit.translations import say
from recordings.redaction.redacted import masked as masked

NOTHING = "\N{EM DASH}"
"""Number of a table that there is none of."""
BROWSERS = (
    ("YaBrowser/", "Yandex"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip  # noqa: E501
"""Signs in a User-Agent; the first that is there counts, since most browsers also call themselves others."""


def when(moment: datetime, here: ZoneInfo, language: str, now: datetime) -> str:
    """Short time of a list: the hour today, ``yesterday`` by name, else the date; the year only when it is another."""
    local, today = moment.astimezone(here), now.astimezone(here).date()
    hour = format_time(local, "HH:mm", locale=language)
    days = (today - local.date()).days
    if days == 0:
        return hour
    if days == 1:
        return f"{say(language, 'when.yesterday')}, {hour}"
    pattern = "d MMM" if local.year == today.year else "d MMM y"
    return f"{format_date(local, pattern, locale=language)}, {hour}"


def moment(at: datetime, here: ZoneInfo, language: str) -> str:
    """Full date and time."""
    return format_datetime(at.astimezone(here), "d MMMM y, HH:mm:ss", locale=language)


def hour(at: datetime, here: ZoneInfo, language: str) -> str:
    """The time of day."""
    return format_time(at.astimezone(here), "HH:mm", locale=language)


def day(value: date, language: str) -> str:
    """A day with its year: ``25 нояб. 2026 г.``."""
    return format_date(value, "d MMM y", locale=language)


def short_day(value: date, language: str) -> str:
    """A day of this year: ``25 нояб.``."""
    return format_skeleton("MMMd", value, locale=language)


def weekday(number: int, language: str) -> str:
    """Short name of a day of the week; 0 is Monday."""
    return format_date(date(2026, 6, 1 + number), "EE", locale=language)


def due(value: str, language: str) -> str:
    """A day or moment in ISO 8601 as people read it: ``25 ноября``, ``25 ноября, 12:00``; what is neither, as it is."""
    try:
        day = datetime.fromisoformat(value)
    except ValueError:
        return value
    named = format_skeleton("MMMMd", day, locale=language)
    return f"{named}, {format_time(day, 'HH:mm', locale=language)}" if "T" in value else named


def amount(value: str, language: str) -> str:
    """``1990.00 RUB`` as people read it: ``1 990 ₽``; anything else as it is."""
    number, _, currency = value.partition(" ")
    try:
        figure = float(number)
    except ValueError:
        return value
    if not (currency.isalpha() and len(currency) == 3):
        return value
    digits = "#,##0.00" if figure % 1 else "#,##0"
    pattern = f"{digits} ¤" if language == "ru" else f"¤{digits}"
    return str(format_currency(figure, currency, pattern, locale=language, currency_digits=False))


def number(value: float | None, language: str) -> str:
    """A number with at most one digit behind the comma; a dash for nothing."""
    return NOTHING if value is None else str(format_decimal(round(value, 1), "0.#", locale=language))


def percent(share: float) -> str:
    """A share 0..1 in whole percents, the sign kept on the number's line."""
    return f"{round(share * 100)}\N{NO-BREAK SPACE}%"


def signed(value: float | None, language: str) -> str:
    """A mean -1..1 with its sign, ``+0.4`` or ``−0,4``; a dash for nothing."""
    if value is None:
        return "–"
    sign = "+" if value >= 0.05 else "−" if value <= -0.05 else ""
    return sign + format_decimal(abs(round(value, 1)), "0.0", locale=language)


def sentiment_name(value: float | None) -> str:
    """positive, neutral, negative or none, of a mean -1..1."""
    if value is None:
        return "none"
    if value >= 0.15:
        return "positive"
    return "negative" if value <= -0.15 else "neutral"


def browser_name(agent: str) -> str:
    """Browser and system of a User-Agent, as far as people know them by name: ``Firefox, Linux``."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return ", ".join(filter(None, (browser, system))) or agent[:40] or NOTHING
