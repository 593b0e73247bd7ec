"""A month of calls planned by dice: who rings when about what, who answers, how it ends. Pure; the seed repeats it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from api.demo_data.script import Script, stock

PREFIX = "demo-"
"""Beginning of every id that is made: what is removed again."""
DAYS = 30
LOCAL_HOURS = 3
"""Ahead of UTC, of the people who ring."""
BY_WEEKDAY = (1.15, 1.0, 0.95, 1.0, 1.1, 0.7, 0.45)
BY_HOUR = (1, 1, 1, 1, 1, 2, 6, 14, 34, 58, 72, 78, 66, 60, 62, 66, 72, 80, 74, 52, 34, 20, 9, 3)
REPEATS = 0.14
"""Share of calls that follow one of the last days by the same customer."""
ASKED, ANSWERED = 0.5, 0.26
"""Share of callers asked for a rating, and of those the share that gives one."""
AGENTS = {
    "ru": (
        ("demo-101", "Мария Котова", "delivery", True), ("demo-102", "Илья Гусев", "delivery", False),
        ("demo-103", "Алина Рябова", "claims", True), ("demo-104", "Роман Зуев", "claims", False),
        ("demo-105", "Елена Маркова", "sales", True), ("demo-106", "Глеб Орлов", "sales", True),
    ),
    "en": (
        ("demo-201", "Grace Hill", "delivery", True), ("demo-202", "Tom Baker", "delivery", False),
        ("demo-203", "Emily Stone", "claims", True), ("demo-204", "Mark Reed", "claims", False),
        ("demo-205", "Julia West", "sales", True), ("demo-206", "Adam Fox", "sales", True),
    ),
}  # fmt: skip
"""Endpoint, name, queue, whether they are good at it."""
NAMES = {
    "ru": ("Анна Соколова", "Сергей Волков", "Ольга Лебедева", "Дмитрий Козлов", "Ирина Новикова", "Павел Морозов",
           "Наталья Белова", "Андрей Крылов"),
    "en": ("Alice Green", "Robert Moore", "Susan Clark", "James Lewis", "Laura Young", "Peter Allen", "Emma King",
           "Daniel Scott"),
}  # fmt: skip
CUSTOMERS_SHARE = 0.6
"""Customers for every call."""
AREAS = (212, 312, 415, 617, 202, 303, 404, 512)
"""Area codes of fictional numbers, as 212-555-01xx."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: str
    name: str
    phone: str
    language: str
    segment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One call of the month."""

    id: str
    number: int
    at: datetime
    """When it rings."""
    person: Person | None
    """None: the number was withheld."""
    language: str
    script: Script
    agent: str
    """Endpoint; empty for none."""
    good: bool
    """How good the agent is."""
    wait: float
    """Seconds in the line."""
    gives_up: bool
    """Before anybody answers, although a person would have been there."""
    asked: bool
    rating: int | None
    seed: int
    """Seed of the words."""


def plan(*, calls: int, languages: tuple[str, ...], seed: int, until: datetime) -> list[Planned]:
    """The calls by time, the last ones just before ``until``."""
    draw = Random(seed)
    count = max(4, round(calls * CUSTOMERS_SHARE / len(languages)))
    people = {language: _people(language, count) for language in languages}
    recent: list[tuple[datetime, Person]] = []
    month = []
    for number, at in enumerate(_times(calls, until, draw)):
        language = draw.choices(languages, [2.0 if name == "ru" else 1.0 for name in languages])[0]
        late = (at - (until - timedelta(days=DAYS))) / timedelta(days=DAYS)
        # unknown themes grow through the month: that is what the page of topics has to notice
        scripts = stock(language).scripts
        script = draw.choices(scripts, [s.weight * (0.4 + 1.6 * late if s.theme else 1.0) for s in scripts])[0]
        person: Person | None = draw.choice(people[language])
        before = [who for when, who in recent[-300:] if at - when < timedelta(days=4) and who.language == language]
        if before and draw.random() < REPEATS:
            person = draw.choice(before)
        if draw.random() < 0.04:
            person = None
        month.append(_one(number, at, person, language, script, draw))
        if person:
            recent.append((at, person))
    return month


def _one(number: int, at: datetime, person: Person | None, language: str, script: Script, draw: Random) -> Planned:
    hour = (at + timedelta(hours=LOCAL_HOURS)).hour
    busy = BY_HOUR[hour] / max(BY_HOUR)
    wait = round(min(240.0, draw.expovariate(1 / (6 + 34 * busy * busy))) + 2.0, 1)
    team = [agent for agent in AGENTS[language] if agent[2] == script.queue]
    answered = bool(team) and script.outcome == "handed_over"
    gives_up = answered and wait > draw.expovariate(1 / 160)
    agent = draw.choice(team) if answered and not gives_up else ("", "", "", True)
    if script.outcome == "callback":
        wait = round(40 + draw.random() * 50, 1)
    asked = draw.random() < ASKED and script.outcome in ("settled", "handed_over") and not gives_up
    rated = asked and bool(script.ratings) and draw.random() < ANSWERED
    rating = draw.choice(script.ratings) if rated else None
    if rating and agent[0]:
        rating = max(1, min(5, rating + (1 if agent[3] else -1)))
    return Planned(
        id=f"{PREFIX}{number:06}",
        number=number,
        at=at,
        person=person,
        language=language,
        script=script,
        agent=agent[0] and f"PJSIP/{agent[0]}",
        good=agent[3],
        wait=wait,
        gives_up=gives_up,
        asked=asked,
        rating=rating,
        seed=draw.getrandbits(32),
    )


def _times(calls: int, until: datetime, draw: Random) -> list[datetime]:
    """So many moments of the month, by the load of weekdays and hours."""
    hours = [until - timedelta(hours=number + 1) for number in range(DAYS * 24)]
    local = [at + timedelta(hours=LOCAL_HOURS) for at in hours]
    weights = [BY_WEEKDAY[at.weekday()] * BY_HOUR[at.hour] for at in local]
    drawn = draw.choices(hours, weights, k=calls)
    # the last quarter of an hour stays free: calls take their time, too
    return sorted(min(at + timedelta(seconds=draw.uniform(0, 3600)), until - timedelta(minutes=15)) for at in drawn)


def _phone(language: str, number: int) -> str:
    """A number that belongs to nobody, one a person: Russian code 900-000 is not given out, 555-01xx is fictional."""
    if language == "ru":
        return f"+7900000{number:04}"
    return f"+1{AREAS[number // 100 % len(AREAS)]}55501{number % 100:02}" + (
        f"{number // 800}" if number >= 800 else ""
    )


def _people(language: str, count: int) -> list[Person]:
    first = 0 if language == "ru" else 100_000
    return [
        Person(
            id=f"{PREFIX}customer-{first + number:06}",
            name=NAMES[language][number % len(NAMES[language])],
            phone=_phone(language, number),
            language=language,
            segment="vip" if number % 17 == 0 else "",
        )
        for number in range(count)
    ]
