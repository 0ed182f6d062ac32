"""Does a real browser, with its policies and its script, get through the phones and a move without a complaint?"""

import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from werkzeug.serving import make_server

from actions.sessions.book import book
from models import db
from models.clock import set_care_clock
from tests.databases import app_on
from tests.people import NOW, harbor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: pages were not looked at in a real browser")


@contextmanager
def served(app) -> Iterator[str]:
    """The app on a port of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def steadfast(shelf):
    """Harbor with Ada's first three doses booked, on a real port."""
    with shelf.database("sqlite") as database, app_on(database.url) as app:
        with app.app_context():
            set_care_clock(NOW)
            clinic = harbor()
            course = clinic.enrol_ada()
            for number in (1, 2, 3):
                session = clinic.session(course, number)
                book(session, clinic.first_slot(session), by=clinic.cora, now=NOW)
            db.session.commit()
            ids = {"patient": str(course.patient_id), "second": str(clinic.session(course, 2).id)}
            db.session.remove()
        with served(app) as address:
            yield address, ids


@pytest.fixture
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Eyes:
    """A page that is watched: what it complains about, and whether it fits its window."""

    def __init__(self, browser, size, folder):
        width, height = SIZES[size]
        self.size, self.folder = size, folder
        self.complaints: list[str] = []
        self.page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def look(self, name):
        self.page.screenshot(path=self.folder / f"{name}-{self.size}.png", full_page=True)
        wider = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{name} is {wider} px wider than a {self.size}"


@pytest.mark.parametrize("size", SIZES)
def test_a_day_on_the_phones_and_a_move_in_the_console(steadfast, browser, size, tmp_path):
    address, ids = steadfast
    eyes = Eyes(browser, size, tmp_path)
    page = eyes.page

    page.goto(f"{address}/phones/{ids['patient']}")
    page.get_by_role("button", name="To the next text").click()
    page.get_by_text("Reply 1 yes, 2 no, 3 call me.").wait_for()
    page.get_by_role("button", name="Answer 1 as Sam Sample").click()
    page.get_by_text("understood as yes").wait_for()
    page.get_by_label("Text of Ada Example").fill("See you on Tuesday <3")
    page.keyboard.press("Enter")
    page.get_by_text("See you on Tuesday <3").wait_for()
    page.get_by_role("button", name="+1 hour").click()
    page.get_by_text("Your visits are booked").wait_for()
    eyes.look("phones")

    page.goto(address)
    eyes.look("start")
    page.get_by_role("button", name="Open as Cora Coordinator, coordinator").click()
    page.get_by_role("heading", name="Monday, January 4").wait_for()
    page.goto(f"{address}/console?on=2027-01-12")
    eyes.look("today")
    page.get_by_role("link", name="Worklist").click()
    page.get_by_text("See you on Tuesday <3").first.wait_for()
    eyes.look("worklist")

    page.goto(f"{address}/console/sessions/{ids['second']}/move")
    page.get_by_role("listitem").filter(has_text="Sat, Jan 16").get_by_role("link", name="10:00 AM").click()
    page.get_by_role("heading", name="What moves").wait_for()
    eyes.look("move")
    page.get_by_label("Why?").fill("She is away on Friday")
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_text("Each person gets one text with all new times.").wait_for()
    eyes.look("session")
    page.goto(f"{address}/console/patients/{ids['patient']}")
    page.get_by_text("She is away on Friday").wait_for()
    eyes.look("patient")

    page.goto(f"{address}/phones/{ids['patient']}")
    page.get_by_role("button", name="+1 hour").click()
    page.get_by_text("moved").first.wait_for()
    assert eyes.complaints == []


def test_the_phones_keep_themselves_fresh(steadfast, browser, tmp_path):
    address, ids = steadfast
    watched, other = Eyes(browser, "desktop", tmp_path), Eyes(browser, "desktop", tmp_path)
    watched.page.goto(f"{address}/phones/{ids['patient']}")
    other.page.goto(f"{address}/phones/{ids['patient']}")
    other.page.get_by_role("button", name="To the next text").click()
    watched.page.get_by_text("Reply 1 yes, 2 no, 3 call me.").wait_for(timeout=10_000)
    assert watched.complaints == []


def test_without_script_a_link_is_answered_all_the_same(steadfast, browser):
    address, ids = steadfast
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/phones/{ids['patient']}")
    page.get_by_role("button", name="To the next text").click()
    page.get_by_role("link", name="/go/").click()
    page.get_by_role("button", name="Yes, I will").click()
    page.get_by_text("Ada can count on you.").wait_for()
