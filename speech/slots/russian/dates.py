"""Dates as values: the words of the calendar in Russian, and counting with days, months and years."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from speech.slots.russian.grammar import forms, table
from speech.text.tokens import Token

NEAR = table(
    {
        0: "сегодня сегодняшний сегодняшнее сегодняшнего сегодняшнюю сегодняшнему",
        1: "завтра завтрашний завтрашнее завтрашнего завтрашнюю завтрашнему",
        2: "послезавтра послезавтрашний",
        -1: "вчера вчерашний вчерашнего вчерашнее вчерашнему",
        -2: "позавчера позавчерашнего",
    }
)
WEEKDAYS = table(
    {
        0: "понедельник понедельника понедельнику понедельником понедельнике пн",
        1: "вторник вторника вторнику вторником вторнике вт",
        2: "среда среду среды среде средой ср",
        3: "четверг четверга четвергу четвергом четверге чт",
        4: "пятница пятницу пятницы пятнице пятницей пт пятничку",
        5: "суббота субботу субботы субботе субботой сб",
        6: "воскресенье воскресенья воскресенью воскресеньем воскресение воскресения вс",
    }
)
MONTHS = table(
    {
        1: "января январь январе январю январем янв",
        2: "февраля февраль феврале февралю февралем фев",
        3: "марта март марте марту мартом",
        4: "апреля апрель апреле апрелю апрелем апр",
        5: "мая май мае маю маем",
        6: "июня июнь июне июню июнем",
        7: "июля июль июле июлю июлем",
        8: "августа август августе августу августом авг",
        9: "сентября сентябрь сентябре сентябрю сентябрем сен сент",
        10: "октября октябрь октябре октябрю октябрем окт",
        11: "ноября ноябрь ноябре ноябрю ноябрем ноя",
        12: "декабря декабрь декабре декабрю декабрем дек",
    }
)
SHIFTS = table(
    {
        0: "этот эту это этой этом этого эти этих",
        1: "следующий следующую следующее следующей следующем следующего следующие следующих будущий будущую будущей "
        "будущем той ту",
        -1: "прошлый прошлую прошлое прошлой прошлом прошлого прошлые прошлых прошедший прошедшую прошедшей прошедшие "
        "минувший минувшую минувшей минувшее",
    }
)
"""Which week, month or year, counted from this one."""
NEXT = frozenset(forms("ближайший ближайшую ближайшее ближайшей ближайшие ближайших"))
UNITS = table(
    {
        1: "день дня дней денек деньков денька дни сутки суток",
        7: "неделю недели недель неделя недельку неделе недельки",
        30: "месяц месяца месяцев месяцок",
        365: "год года лет годик",
        182: "полгода",
        14: "полмесяца",
    }
)
"""Length in days; months and years are counted by the calendar."""
ONE_UNIT = frozenset(forms("день денек сутки неделю недельку месяц год годик полгода полмесяца"))
"""Units that stand without a count: "через неделю"."""
PREPOSITIONS = frozenset(forms("в во на к ко до с со"))
UNABLE = frozenset(forms("могу смогу получится получается подходит устраивает выйдет успею буду сможем можем удобно"))
"""After "не" these rule out the date or time before them."""
SINCE = frozenset(forms("с со от"))
WEEK = frozenset(forms("неделе неделю недели неделя"))
DAY_ENDINGS = ("ого", "ое", "его", "ье", "ому", "ему", "ым", "им")
"""A day of the month is neuter: "двадцать пятое", "двадцать пятого"."""
CLOCK = frozenset(forms("половине половина половину полови́не четверть четверти минут минуты минута пол"))
"""Before an ordinal these make it an hour: "половина пятого"."""
PART_OF_DAY = frozenset(forms("утра дня вечера ночи"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A date that words ``first`` to before ``last`` say."""

    value: date
    first: int
    last: int
    confidence: float = 0.9


def is_denied(words: Sequence[Token], first: int, last: int) -> bool:
    """Whether a speaker rules out what these words say: "не в среду", "в среду не могу"."""
    before = [word.text for word in words[max(0, first - 2) : first]]
    after_it = [word.text for word in words[last : last + 2]]
    if after_it[:1] == ["не"] and after_it[1:] and after_it[1] in UNABLE:
        return True
    return before[-1:] == ["не"] or (before[:1] == ["не"] and before[-1] in PREPOSITIONS)


def is_since(words: Sequence[Token], at: int) -> bool:
    """Whether a date is where something began: "с понедельника"."""
    return at > 0 and words[at - 1].text in SINCE


def rolled(day: int, month: int, today: date, first: int, last: int, *, since: bool) -> Day | None:
    """A day without its year: the next there is; after "с" the nearest to today."""
    days = [
        date(year, month, day)
        for year in range(today.year - 1, today.year + 9)
        if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
    ]
    if since:
        nearest = min(days, key=lambda day: abs(day - today), default=None)
        return Day(value=nearest, first=first, last=last) if nearest else None
    ahead = next((day for day in days if day >= today), None)
    return Day(value=ahead, first=first, last=last, confidence=0.95) if ahead else None


def full_day(year: int, month: int, day: int, first: int, last: int, confidence: float = 0.95) -> Day | None:
    """A full date; None for one that the calendar does not have."""
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return Day(value=date(year, month, day), first=first, last=last, confidence=confidence)


def month_from(today: date, shift: int) -> tuple[int, int]:
    """Year and month so many months from this one."""
    months = today.year * 12 + today.month - 1 + shift
    return months // 12, months % 12 + 1


def moved_by(today: date, count: float, unit: int) -> date | None:
    """So many days, weeks, months or years from today; None beyond what a calendar holds."""
    months = {30: 1, 365: 12, 182: 6}.get(unit)
    try:
        if months is None:
            return today + timedelta(days=round(count * unit))
        year, month = month_from(today, int(count * months))
        day = date(year, month, min(today.day, monthrange(year, month)[1]))
        return day + timedelta(days=15 if count * months % 1 else 0)
    except (OverflowError, ValueError):
        return None
