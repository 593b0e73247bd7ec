"""Russian dates: "в следующий вторник", "через неделю в пятницу", "двадцать пятого ноября", "25.11"."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from speech.meaning.russian.cardinals import amount_at
from speech.meaning.russian.grammar import forms, is_noun, table
from speech.meaning.russian.numerals import Numeral, after, numeral_at
from speech.meaning.tokens import Token

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
SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A date that words ``first`` to before ``last`` say."""

    value: date
    first: int
    last: int
    confidence: float = 0.9


def find_day(words: Sequence[Token], today: date, *, denied: bool = False) -> Day | None:
    """The date that is said most plainly; of equally plain ones the first. "Не в среду" is none, unless wanted."""
    best: Day | None = None
    for found in _days(words, today):
        wanted = denied or not is_denied(words, found.first, found.last)
        if wanted and (best is None or found.confidence > best.confidence):
            best = found
    return best


def is_denied(words: Sequence[Token], first: int, last: int) -> bool:
    """Whether a speaker rules out what these words say: "не в среду", "в среду не могу"."""
    before = [word.text for word in words[max(0, first - 2) : first]]
    after_it = [word.text for word in words[last : last + 2]]
    if after_it[:1] == ["не"] and after_it[1:] and after_it[1] in UNABLE:
        return True
    return before[-1:] == ["не"] or (before[:1] == ["не"] and before[-1] in PREPOSITIONS)


def _days(words: Sequence[Token], today: date) -> Iterator[Day]:
    at = 0
    while at < len(words):
        found = next((day for rule in RULES if (day := rule(words, at, today))), None)
        if found:
            yield found
        at = found.last if found else after(words, at)


def _near(words: Sequence[Token], at: int, today: date) -> Day | None:
    """Today, tomorrow, the day before yesterday."""
    if words[at].text == "после" and at + 1 < len(words) and words[at + 1].text == "завтра":
        return Day(value=today + timedelta(days=2), first=at, last=at + 2, confidence=0.95)
    shift = NEAR.get(words[at].text)
    return None if shift is None else Day(value=today + timedelta(days=shift), first=at, last=at + 1, confidence=0.95)


def _typed(words: Sequence[Token], at: int, today: date) -> Day | None:
    """``25.11``, ``25.11.2026``, ``25/11/26``, ``2026-11-25``."""
    if not words[at].text.isdecimal():
        return None
    last = at + 1
    while (
        last < len(words) and last < at + 3 and words[last].text.isdecimal() and words[last].before in {".", "/", "-"}
    ):
        last += 1
    if last - at < 2 or len({word.before for word in words[at + 1 : last]}) > 1:
        return None
    numbers = [int(word.text) for word in words[at:last]]
    if len(words[at].text) == 4 and len(numbers) == 3:
        return _day(numbers[0], numbers[1], numbers[2], at, last)
    if len(numbers) == 3:
        year = numbers[2] + 2000 if numbers[2] < 100 else numbers[2]
        return _day(year, numbers[1], numbers[0], at, last)
    if words[last - 1].before == "-" or len(words[at + 1].text) != 2:
        return None
    return _rolled(numbers[0], numbers[1], today, at, last, since=_since(words, at))


def _ago(words: Sequence[Token], at: int, today: date) -> Day | None:
    """ "через три дня", "недели через две", "два дня назад", "через неделю в пятницу"."""
    forward = words[at].text in {"через", "спустя"}
    start = at + 1 if forward else at
    span = _span(words, start)
    if span is None and not forward and words[at].text in UNITS and at + 2 < len(words):
        return _ago_inverted(words, at, today)
    if span is None:
        return None
    count, unit, last = span
    if forward:
        return _with_weekday(words, _moved(today, count, unit), at, last, weeks=unit == 7)
    if last < len(words) and words[last].text in {"назад", "тому"}:
        last += 2 if words[last].text == "тому" else 1
        return _with_weekday(words, _moved(today, -count, unit), at, min(last, len(words)), weeks=unit == 7)
    return None


def _ago_inverted(words: Sequence[Token], at: int, today: date) -> Day | None:
    """ "недели через две", "дня два назад"."""
    unit = UNITS[words[at].text]
    forward = words[at + 1].text == "через"
    count = amount_at(words, at + 2 if forward else at + 1)
    if count is None or count.value != int(count.value) or count.value < 1:
        return None
    if forward:
        return _with_weekday(words, _moved(today, count.value, unit), at, count.last, weeks=unit == 7)
    if count.last < len(words) and words[count.last].text == "назад":
        return _with_weekday(words, _moved(today, -count.value, unit), at, count.last + 1, weeks=unit == 7)
    return None


def _span(words: Sequence[Token], at: int) -> tuple[float, int, int] | None:
    """A count and a unit of days: ("три", "дня"), or the unit alone; with the index after them."""
    if at >= len(words):
        return None
    if words[at].text in ONE_UNIT:
        return 1, UNITS[words[at].text], at + 1
    count = amount_at(words, at)
    if count is None or count.value <= 0 or count.last >= len(words):
        return None
    unit = UNITS.get(words[count.last].text)
    return (count.value, unit, count.last + 1) if unit else None


def _with_weekday(words: Sequence[Token], moved: date | None, at: int, last: int, *, weeks: bool) -> Day | None:
    """After weeks a weekday may follow: the one of that calendar week."""
    if moved is None:
        return None
    after = last + 1 if last < len(words) and words[last].text in {"в", "во", "на"} else last
    if weeks and after < len(words) and words[after].text in WEEKDAYS:
        monday = moved - timedelta(days=moved.weekday())
        return Day(value=monday + timedelta(days=WEEKDAYS[words[after].text]), first=at, last=after + 1)
    return Day(value=moved, first=at, last=last)


def _weekday(words: Sequence[Token], at: int, today: date) -> Day | None:
    """ "в среду", "в следующую среду", "в среду на следующей неделе", "на прошлой неделе в среду"."""
    first, start = at, at
    shift = SHIFTS.get(words[at].text)
    soonest = words[at].text in NEXT
    if shift is not None or soonest:
        start += 1
        if start < len(words) and words[start].text in WEEK and shift is not None:
            start += 1
            if start < len(words) and words[start].text in {"в", "во", "на"}:
                start += 1
    if start >= len(words) or words[start].text not in WEEKDAYS:
        return None
    weekday, last = WEEKDAYS[words[start].text], start + 1
    monday = today - timedelta(days=today.weekday())
    if shift is None and not soonest:
        shift, last = _week_after(words, last)
    if shift is None:
        ahead = (weekday - today.weekday() - 1) % 7 + 1
        ahead += 7 if first and words[first - 1].text == "через" else 0
        behind = (today.weekday() - weekday - 1) % 7 + 1
        since = not soonest and _since(words, first)
        day = today - timedelta(days=behind) if since else today + timedelta(days=ahead)
        return Day(value=day, first=first, last=last, confidence=0.75 if since else 0.85)
    return Day(value=monday + timedelta(days=weekday, weeks=shift), first=first, last=last)


def _week_after(words: Sequence[Token], at: int) -> tuple[int | None, int]:
    """Which week is named after a weekday, counted from this one: ("на", "следующей", "неделе"), ("через", "неделю")."""
    texts = [word.text for word in words[at : at + 3]]
    if len(texts) == 3 and texts[0] == "на" and texts[1] in SHIFTS and texts[2] in WEEK:
        return SHIFTS[texts[1]], at + 3
    if len(texts) >= 2 and texts[1] in WEEK and texts[0] in SHIFTS:
        return SHIFTS[texts[0]], at + 2
    if texts[:1] == ["через"] and (span := _span(words, at + 1)) and span[1] == 7 and span[0] == int(span[0]):
        return int(span[0]), span[2]
    return None, at


def _of_month(words: Sequence[Token], at: int, today: date) -> Day | None:
    """ "двадцать пятого ноября", "пятого декабря 2026 года", "25 ноября", "двадцать пятого числа", "пятого двенадцатого"."""
    numeral = numeral_at(words, at)
    if numeral is None or not 1 <= numeral.value <= 31:
        return None
    last = numeral.last
    if last < len(words) and words[last].text in {"числа", "число", "числу"}:
        last += 1
    month = MONTHS.get(words[last].text) if last < len(words) else None
    spoken_month = numeral_at(words, last) if month is None and numeral.ordinal and last == numeral.last else None
    if month is not None:
        last += 1
    elif spoken_month and spoken_month.ordinal and 1 <= spoken_month.value <= 12 and _is_day(words, spoken_month):
        month, last = spoken_month.value, spoken_month.last
    if month is None:
        return _of_this_month(words, numeral, last, today)
    if at > 0 and words[at - 1].text in CLOCK:
        return None
    year, last = _year(words, last, today)
    if year is not None:
        return _day(year, month, numeral.value, at, last)
    return _rolled(numeral.value, month, today, at, last, since=_since(words, at))


def _of_this_month(words: Sequence[Token], numeral: Numeral, last: int, today: date) -> Day | None:
    """A day without its month: the next such day, or the last one after "с"."""
    at = numeral.first
    dated = last > numeral.last
    if not dated and not (numeral.ordinal and _is_day(words, numeral)):
        return None
    following = words[last].text if last < len(words) else ""
    if not dated and (
        (at > 0 and words[at - 1].text in CLOCK)
        or following in PART_OF_DAY
        or (is_noun(following) if _noun_follows(following) else False)
    ):
        return None
    texts = [word.text for word in words[last : last + 2]]
    if len(texts) == 2 and texts[0] in SHIFTS and texts[1] in {"месяца", "месяце"}:
        year, month = _month(today, SHIFTS[texts[0]])
        return _day(year, month, numeral.value, at, last + 2)
    since = _since(words, at)
    step = -1 if since else 1
    for shift in range(0, 12 * step, step):
        year, month = _month(today, shift)
        if numeral.value > monthrange(year, month)[1]:
            continue
        day = date(year, month, numeral.value)
        if (day <= today) if since else (day >= today):
            return Day(value=day, first=at, last=last, confidence=0.75 if since else 0.88)
    return None


def _noun_follows(word: str) -> bool:
    """Whether a word after an ordinal may be what it counts: "второго варианта"."""
    return (
        bool(word) and word not in WEEKDAYS and word not in NEAR and word not in {"час", "часов", "полдень", "полночь"}
    )


def _is_day(words: Sequence[Token], numeral: Numeral) -> bool:
    ending = words[numeral.last - 1].text
    return ending.endswith(DAY_ENDINGS) or ending in {"го", "е", "му"}


def _year(words: Sequence[Token], at: int, today: date) -> tuple[int | None, int]:
    """The year said after a month: "две тысячи двадцать шестого года", "26-го года", "2026", "следующего года"."""
    if at >= len(words):
        return None, at
    following = words[at + 1].text if at + 1 < len(words) else ""
    if words[at].text in SHIFTS and following == "года":
        return today.year + SHIFTS[words[at].text], at + 2
    numeral = numeral_at(words, at)
    if numeral is None:
        return None, at
    named = numeral.last < len(words) and words[numeral.last].text in {"года", "году", "год", "г"}
    named = named or (numeral.ordinal and 20 <= numeral.value < 100)
    last = (
        numeral.last + 1
        if named and words[numeral.last : numeral.last + 1] and words[numeral.last].text[:1] == "г"
        else numeral.last
    )
    if 1900 <= numeral.value <= 2100:
        return numeral.value, last
    if named and numeral.ordinal and numeral.value < 100:
        return numeral.value + (2000 if numeral.value <= (today.year + 20) % 100 else 1900), last
    return None, at


def _vague(words: Sequence[Token], at: int, today: date) -> Day | None:
    """ "в конце месяца", "на выходных", "в начале следующей недели": a likely day, to be confirmed."""
    texts = [word.text for word in words[at : at + 3]]
    shift = SHIFTS.get(texts[0], 0)
    if texts[0] in {"выходных", "выходные", "выходным"}:
        before = words[at - 1].text if at else ""
        shift = SHIFTS.get(before, 0)
        if today.weekday() >= 5 and shift == 0:
            return Day(value=today, first=at, last=at + 1, confidence=0.5)
        saturday = today + timedelta(days=5 - today.weekday(), weeks=shift)
        return Day(value=saturday, first=at, last=at + 1, confidence=0.5)
    if texts[0] in {"последний", "последнее", "последнего"} and texts[1:] in (["день", "месяца"], ["число", "месяца"]):
        return _day(today.year, today.month, monthrange(today.year, today.month)[1], at, at + 3, 0.8)
    if texts[0] not in {"конце", "конца", "концу", "начале", "началу", "середине"} or len(texts) < 2:
        return None
    shifted = len(texts) == 3 and texts[1] in SHIFTS
    shift = SHIFTS[texts[1]] if shifted else 0
    unit, last = texts[2] if shifted else texts[1], at + (3 if shifted else 2)
    start, middle = texts[0].startswith("нач"), texts[0].startswith("сер")
    if unit == "месяца":
        if start and not shifted and today.day > 1:
            shift = 1
        year, month = _month(today, shift)
        return _day(year, month, 1 if start else 15 if middle else monthrange(year, month)[1], at, last, 0.5)
    if unit == "недели":
        monday = today + timedelta(days=-today.weekday(), weeks=shift + (1 if start and not shifted else 0))
        return Day(
            value=monday + timedelta(days=0 if start else 2 if middle else 4), first=at, last=last, confidence=0.4
        )
    if unit == "года" and not middle:
        return _day(
            today.year + shift + (1 if start and not shifted else 0),
            1 if start else 12,
            1 if start else 31,
            at,
            last,
            0.5,
        )
    return None


RULES = (_near, _typed, _ago, _weekday, _of_month, _vague)


def _since(words: Sequence[Token], at: int) -> bool:
    """Whether a date is where something began: "с понедельника"."""
    return at > 0 and words[at - 1].text in SINCE


def _rolled(day: int, month: int, today: date, first: int, last: int, *, since: bool) -> Day | None:
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


def _day(year: int, month: int, day: int, first: int, last: int, confidence: float = 0.95) -> Day | None:
    """A full date; None for one that the calendar does not have."""
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return Day(value=date(year, month, day), first=first, last=last, confidence=confidence)


def _month(today: date, shift: int) -> tuple[int, int]:
    """Year and month so many months from this one."""
    months = today.year * 12 + today.month - 1 + shift
    return months // 12, months % 12 + 1


def _moved(today: date, count: float, unit: int) -> date | None:
    """So many days, weeks, months or years from today; None beyond what a calendar holds."""
    months = {30: 1, 365: 12, 182: 6}.get(unit)
    try:
        if months is None:
            return today + timedelta(days=round(count * unit))
        year, month = _month(today, int(count * months))
        day = date(year, month, min(today.day, monthrange(year, month)[1]))
        return day + timedelta(days=15 if count * months % 1 else 0)
    except (OverflowError, ValueError):
        return None
