"""A supervisor at work in Debian's Chromium on the real server."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from api.kit import auth
from api.kit.roles import Role
from recordings.audio_store import AudioStore
from recordings.calls import call_log
from recordings.contacts.call import Outcome, Turn
from recordings.database import connect, migrate, transaction
from recordings.tables import CallRow
from speech.recognition.words import Speaker
from tests.api.browsing import AXE, answers, enter, faults, open_page
from tests.api.example import Example, write_call
from tests.services import ROOT, free_port, process, wait_until

pytestmark = pytest.mark.browser

RUSSIAN, ENGLISH = "1795327401.7", "1795327300.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running web server with one call in each language."""

    url: str
    database: str
    russian: Example
    english: Example


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    database, sound = f"sqlite:///{folder / 'otklik.db'}", f"file://{folder / 'recordings'}"
    migrate(database)
    engine, store = connect(database), AudioStore(sound)
    with transaction(engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN)
        auth.create_user(db, "kate", "correct horse", "en", role=Role.ADMIN)
    russian = write_call(engine, store, call_id=RUSSIAN)
    english = write_call(engine, store, call_id=ENGLISH, language="en")
    engine.dispose()
    port = free_port()
    env = os.environ | {
        "OTKLIK_HOME": str(folder),
        "OTKLIK_SCENARIOS": str(folder),  # no conversations: they take seconds to load
        "OTKLIK_DATABASE_URL": database,
        "OTKLIK_AUDIO_URL": sound,
        "OTKLIK_WEB_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    url = f"http://127.0.0.1:{port}"
    with process(sys.executable, "-m", "api", env=env, log=folder / "web.log"):
        wait_until(lambda: answers(url), seconds=60, what=f"the web server, see {folder / 'web.log'}")
        yield Site(url=url, database=database, russian=russian, english=english)


def log_in(page: Page, site: Site, login: str) -> None:
    page.goto(f"{site.url}/calls")
    enter(page, login)
    page.wait_for_selector("#calls table")


def now(page: Page) -> float:
    """Seconds at which the sound stands."""
    return float(page.evaluate("document.querySelector('audio').currentTime"))


@pytest.mark.parametrize(
    ("login", "title", "words"), [("olga", "Звонки", "вернуть деньги"), ("kate", "Calls", "money back")]
)
def test_a_supervisor_finds_a_call_and_listens_to_a_word(
    site: Site, browser: Browser, login: str, title: str, words: str
) -> None:
    with open_page(browser) as page:
        log_in(page, site, login)
        expect(page.locator("h1")).to_have_text(title)
        page.keyboard.press("/")
        page.keyboard.type(words)
        expect(page.locator("#calls tbody tr")).to_have_count(1)
        assert "q=" in page.url
        page.locator("#q").blur()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_selector("#shape canvas")
        assert page.locator("#shape canvas").count() >= 2

        page.keyboard.press("Space")
        wait_until(lambda: now(page) > 0.4, seconds=10, what="the sound to play")
        page.keyboard.press("Space")
        assert page.evaluate("document.querySelector('audio').paused")

        marked = page.locator("#said mark", has_text=words)
        word = marked.locator(".word").first
        start = float(word.get_attribute("data-start") or "nan")
        word.click()
        wait_until(lambda: now(page) >= start, seconds=10, what="the sound to stand at the word")
        assert now(page) < start + 2
        page.wait_for_selector("#said .word.now")
        expect(page.locator("#said .turn.current")).to_contain_text(words)


def test_the_keyboard_does_it_all(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site, "olga")
        page.goto(f"{site.url}/calls/{RUSSIAN}?t=20")
        page.wait_for_selector("#shape canvas")
        wait_until(lambda: now(page) == 20, seconds=10, what="the sound to stand at the linked moment")
        page.keyboard.press("ArrowRight")
        assert now(page) == pytest.approx(25, abs=0.1)
        page.keyboard.press("ArrowLeft")
        assert now(page) == pytest.approx(20, abs=0.1)
        page.keyboard.press("n")
        mark = page.locator(".findings button.current")
        assert now(page) == pytest.approx(float(mark.get_attribute("data-from") or "nan") - 0.3, abs=0.1)
        page.keyboard.press("j")
        turn = page.locator("#said .turn.current")
        assert now(page) == pytest.approx(float(turn.get_attribute("data-start") or "nan"), abs=0.1)
        page.keyboard.press("]")
        assert page.evaluate("document.querySelector('audio').playbackRate") == 1.25
        page.keyboard.press("s")
        expect(page.locator("#skip")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("/")
        page.keyboard.type("заказ")
        expect(page.locator("#found")).to_have_text(re.compile(r"^\d+$"))
        page.keyboard.press("Enter")
        expect(page.locator("#found")).to_have_text(re.compile(r"^1 / \d+$"))
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.locator("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("u")
        page.wait_for_url("**/calls")


def test_silence_is_skipped(site: Site, browser: Browser) -> None:
    before = max(u.end for u in site.russian.transcript.utterances if u.end < site.russian.handover)
    with open_page(browser) as page:
        log_in(page, site, "olga")
        page.goto(f"{site.url}/calls/{RUSSIAN}?t={before - 0.2:.1f}")
        page.wait_for_selector("#shape canvas")
        page.keyboard.press("s")
        page.keyboard.press("Space")
        wait_until(lambda: now(page) > site.russian.handover, seconds=3.5, what="the silence to be skipped")


def test_the_legend_filters_and_the_address_keeps_it(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site, "olga")
        page.goto(f"{site.url}/calls/{RUSSIAN}")
        silence = page.locator(".findings .kind-silence")
        expect(silence).to_be_visible()
        page.locator(".legend [data-kind=silence]").click()
        expect(silence).to_be_hidden()
        expect(page.locator(".marks .kind-silence")).to_be_hidden()
        assert "hide=silence" in page.url
        page.reload()
        expect(silence).to_be_hidden()


def test_the_waveform_zooms_and_follows_the_sound(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site, "olga")
        page.goto(f"{site.url}/calls/{RUSSIAN}")
        page.wait_for_selector("#shape canvas")
        whole = page.evaluate("document.getElementById('scroll').scrollWidth")
        page.keyboard.press("+")
        page.locator("#zoom-in").click()
        expect(page.locator("#axis span").nth(1)).not_to_have_text("0:10")
        assert page.evaluate("document.getElementById('scroll').scrollWidth") == pytest.approx(4 * whole, abs=4)
        page.locator(".findings button").last.click()
        wait_until(
            lambda: bool(page.evaluate("document.getElementById('scroll').scrollLeft > 0")),
            seconds=5,
            what="the playhead to be followed",
        )
        page.keyboard.press("Space")
        page.locator("#scroll").hover()
        page.keyboard.down("Control")
        page.mouse.wheel(0, 400)
        page.keyboard.up("Control")
        wait_until(
            lambda: bool(page.evaluate("document.getElementById('scroll').scrollWidth") < 4 * whole - 10),
            seconds=5,
            what="the wheel to zoom out",
        )
        for _ in range(3):
            page.keyboard.press("-")
        assert page.evaluate("document.getElementById('scroll').scrollWidth") == whole


def test_steps_of_the_scenario_lead_to_their_sound(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site, "olga")
        page.goto(f"{site.url}/calls/{RUSSIAN}")
        page.wait_for_selector("#shape canvas")
        steps = page.locator(".steps button")
        expect(steps.nth(1)).to_have_text("ask_number")
        steps.nth(1).click()
        wanted = float(steps.nth(1).get_attribute("data-from") or 0)
        wait_until(lambda: now(page) >= wanted, seconds=5, what="the sound of the step")
        page.locator(".legend [data-kind=step]").click()
        expect(steps.nth(1)).to_be_hidden()


def test_filters_live_in_the_address_and_back_works(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site, "kate")
        page.select_option("select[name=language]", "en")
        expect(page.locator("#calls tbody tr")).to_have_count(1)
        assert page.url.endswith("/calls?language=en")
        page.locator("th.number a").click()
        expect(page).to_have_url(f"{site.url}/calls?language=en&sort=-duration")
        expect(page.locator("th[aria-sort].number")).to_have_count(1)
        page.go_back()
        expect(page).to_have_url(f"{site.url}/calls?language=en")
        expect(page.locator("th[aria-sort].number")).to_have_count(0)  # its list is there, too
        page.go_back()
        expect(page.locator("#calls tbody tr")).to_have_count(2)
        expect(page.locator("select[name=language]")).to_have_value("")
        page.locator("#help-open").click()
        expect(page.locator("dialog")).to_be_visible()


def test_a_live_call_is_followed_to_its_end(site: Site, browser: Browser) -> None:
    started = datetime.now(UTC) - timedelta(seconds=5)
    call = replace(site.russian.call, id="live.1", started_at=started, answered_at=started, agent="", summary="")
    engine = connect(site.database)
    with transaction(engine) as db:
        call_log.open_call(db, call)
    with open_page(browser) as page:
        log_in(page, site, "olga")
        page.goto(f"{site.url}/calls/live.1")
        expect(page.locator("#said")).to_contain_text("Разговор только начался")
        with transaction(engine) as db:
            turn = Turn(number=0, speaker=Speaker.CALLER, node="greeting", start=1, end=2, text="где мой заказ")
            call_log.note_turn(db, "live.1", turn)
        expect(page.locator("#said .turn")).to_contain_text("где мой заказ")
        with transaction(engine) as db:
            call_log.close_call(db, "live.1", ended_at=datetime.now(UTC), outcome=Outcome.SETTLED)
        expect(page.locator(".call-head")).to_contain_text("Решил робот")
        expect(page.locator("#said .turn")).to_contain_text("где мой заказ")
    with transaction(engine) as db:
        db.delete(db.get_one(CallRow, "live.1"))
    engine.dispose()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_are_accessible_and_fit(site: Site, browser: Browser, scheme: str, width: int) -> None:
    if not AXE.exists():
        pytest.fail("axe-core is missing: run `npm ci` in api/web")
    # the checker itself is put in past the policy of the page, which other tests hold to
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 844}, "bypass_csp": True}
    with open_page(browser, **options) as page:
        page.goto(f"{site.url}/login")
        found = [faults(page)]
        log_in(page, site, "olga")
        found.append(faults(page))
        page.goto(f"{site.url}/calls/{RUSSIAN}?t=9")
        page.wait_for_selector("#shape canvas")
        found.append(faults(page))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found == [[], [], []]


def test_the_interface_is_described_without_a_cdn(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        page.goto(f"{site.url}/docs")
        page.fill("#login", "kate")
        page.fill("#password", "correct horse")
        with page.expect_response(f"{site.url}/openapi.json") as described:
            page.keyboard.press("Enter")
        assert described.value.status == 200
        expect(page).to_have_url(f"{site.url}/docs")
        expect(page.locator(".opblock-summary-path").first).to_contain_text("/api/calls")
        calls = page.locator(".opblock", has=page.locator('[data-path="/api/calls"]')).first
        calls.locator(".opblock-summary-control").click()
        calls.get_by_role("button", name="Try it out").click()
        calls.get_by_role("button", name="Execute").click()
        expect(calls.locator(".live-responses-table tbody .response-col_status")).to_contain_text("200")
        expect(calls.locator(".live-responses-table")).to_contain_text(RUSSIAN)
