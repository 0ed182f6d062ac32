"""Somebody's calendar says when they are busy: it is read bounded and whole, or what was known before holds."""

import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from actions.ask import close as close_task
from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment
from actions.resources import calendars
from actions.resources.calendars import Feed, keep_busy
from jobs.feeds.calendar import Unreadable, find, taken_times
from models import BusyTime, Resource, Task, TaskReason, db
from models.clock import set_care_clock
from tests.databases import app_on
from tests.people import NOW, harbor

ZONE = "America/New_York"
FIRST, LAST = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)


def calendar(*events):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN"]
    for number, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{number}@example.com", "DTSTAMP:20261201T000000Z", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def found(*events):
    return [
        (f"{begin:%m-%d %H:%M}", f"{until:%m-%d %H:%M}") for begin, until in find(calendar(*events), ZONE, FIRST, LAST)
    ]


def test_days_and_loose_times_are_the_clinics():
    assert found(["DTSTART;VALUE=DATE:20270120", "SUMMARY:Holiday"]) == [("01-20 05:00", "01-21 05:00")]
    assert found(["DTSTART:20270120T090000", "DTEND:20270120T100000"]) == [("01-20 14:00", "01-20 15:00")]
    assert found(["DTSTART:20270120T090000Z", "DURATION:PT90M"]) == [("01-20 09:00", "01-20 10:30")]


def test_a_zone_that_nobody_knows_is_the_clinics():
    assert found(["DTSTART;TZID=Moon/Base:20270120T090000", "DTEND;TZID=Moon/Base:20270120T100000"]) == [
        ("01-20 14:00", "01-20 15:00")
    ]


def test_what_is_called_off_or_free_counts_for_nothing():
    times = ["DTSTART:20270120T090000Z", "DTEND:20270120T100000Z"]
    assert (
        found([*times, "STATUS:CANCELLED"], [*times, "TRANSP:TRANSPARENT"], [*times, "X-MICROSOFT-CDO-BUSYSTATUS:FREE"])
        == []
    )
    assert found(["DTSTART:20270120T090000Z"]) == []  # it takes no time


def test_a_weekly_meeting_keeps_its_clock_time_across_the_change_of_clocks():
    weekly = ["DTSTART;TZID=America/New_York:20270308T090000", "DTEND;TZID=America/New_York:20270308T100000"]
    shown = found([*weekly, "RRULE:FREQ=WEEKLY;COUNT=2", "EXDATE;TZID=America/New_York:20270329T090000"])
    assert shown == [("03-08 14:00", "03-08 15:00"), ("03-15 13:00", "03-15 14:00")]


def test_only_what_lies_in_the_horizon_is_kept():
    shown = found(["DTSTART:20200101T090000Z", "DTEND:20200101T100000Z", "RRULE:FREQ=MONTHLY"])
    assert [begin for begin, _ in shown] == ["01-01 09:00", "02-01 09:00", "03-01 09:00"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not_a_calendar"),
        (b"<html>Sign in</html>", "not_a_calendar"),
        (b"\xff\xfe\x00", "not_a_calendar"),
        (calendar(["DTSTART:yesterday", "DTEND:20270120T100000Z"]), "broken_event"),
        (calendar(["SUMMARY:No time"]), "broken_event"),
        (calendar(["DTSTART:20270120T090000Z", "DTEND:20270120T100000Z"])[:-40], "not_a_calendar"),
        (calendar(*[["DTSTART:20270120T090000Z"]] * 5_001), "too_much"),
    ],
)
def test_what_cannot_be_relied_on_is_refused_whole(body, why):
    with pytest.raises(Unreadable) as unreadable:
        find(body, ZONE, FIRST, LAST)
    assert unreadable.value.why == why


def test_a_calendar_that_repeats_without_end_is_ended(monkeypatch):
    from jobs.feeds import calendar as reader

    monkeypatch.setattr(reader, "WALL_S", 4)
    bomb = ["DTSTART:19700101T000000Z", "DTEND:19700101T000001Z", "RRULE:FREQ=SECONDLY"]
    with pytest.raises(Unreadable) as unreadable:
        taken_times(calendar(bomb), ZONE, FIRST, LAST)
    assert unreadable.value.why == "too_much"


def test_the_reader_of_its_own_process_says_the_same():
    body = calendar(["DTSTART;VALUE=DATE:20270120"])
    assert taken_times(body, ZONE, FIRST, LAST) == find(body, ZONE, FIRST, LAST)
    with pytest.raises(Unreadable) as unreadable:
        taken_times(b"garbage", ZONE, FIRST, LAST)
    assert unreadable.value.why == "not_a_calendar"


class Served(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.headers.get("If-None-Match"))
        status, body, tag = self.server.says
        if tag and self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        self.send_response(status)
        if tag:
            self.send_header("ETag", tag)
        if status == 302:
            self.send_header("Location", "/other.ics")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def served():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Served)
    server.asked, server.says, server.daemon_threads = [], (200, calendar(), None), True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def server():
    with served() as server:
        yield server


@pytest.fixture
def home(database):
    with app_on(database.url, OUTBOUND_NETWORKS="127.0.0.0/8") as app, app.app_context():
        set_care_clock(NOW)
        yield harbor()


def chair(home):
    db.session.expire_all()
    return db.session.scalars(db.select(Resource).filter_by(clinic_id=home.clinic.id, kind="chair")).one()


def read(home):
    """One reading, as when its time has come."""
    from flask import current_app

    db.session.execute(db.update(Resource).values(busy_tried_at=None))
    db.session.commit()
    current_app.extensions["steadfast.feeds"].read_due(lambda: NOW)
    db.session.commit()


def event(begin, hours=1):
    return [
        f"DTSTART:{begin:%Y%m%dT%H%M%SZ}",
        f"DTEND:{begin + timedelta(hours=hours):%Y%m%dT%H%M%SZ}",
        "SUMMARY:Private",
    ]


def asked_about():
    return [row.code for row in db.session.query(TaskReason).filter_by(code="calendar_busy", met_at=None)]


def test_a_calendar_is_read_kept_and_asked_about_once(home, server):
    course = home.enrol_ada()
    doses = home.book_all(course)
    row = chair(home)
    row.busy_feed, edition = f"http://127.0.0.1:{server.server_port}/a.ics", row.edition
    db.session.commit()
    edition = chair(home).edition
    server.says = (200, calendar(event(doses[1].starts_at), event(NOW + timedelta(days=40))), '"1"')
    read(home)
    row = chair(home)
    assert (db.session.query(BusyTime).count(), row.busy_wrong, row.busy_read_at, row.edition) == (
        2,
        None,
        NOW,
        edition,
    )
    assert asked_about() == ["calendar_busy"]
    read(home)
    assert server.asked == [None, '"1"']
    assert db.session.query(BusyTime).count() == 2
    close_task(
        db.session.query(Task).filter_by(about_id=doses[1].id).one(), by=home.cora, now=NOW, reason="Agreed with them"
    )
    db.session.commit()
    server.says = (200, calendar(event(doses[1].starts_at), event(doses[2].starts_at)), '"2"')
    read(home)
    assert asked_about() == ["calendar_busy"]  # about the third dose alone
    server.says = (200, calendar(event(doses[1].starts_at)), '"3"')
    read(home)
    assert asked_about() == []
    for says, why in (
        ((200, b"<html>Sign in</html>", None), "not_a_calendar"),
        ((302, b"", None), "status_302"),
        ((200, b"x" * 2_000_001, None), "too_large"),
        ((500, b"", None), "status_500"),
    ):
        server.says = says
        read(home)
        row = chair(home)
        assert (row.busy_wrong, row.busy_read_at, db.session.query(BusyTime).count()) == (why, NOW, 1)
    server.says = (200, calendar(), None)
    read(home)
    assert (chair(home).busy_wrong, db.session.query(BusyTime).count()) == (None, 0)


def test_patients_are_locked_in_one_order_whether_their_hours_became_busy_or_free(home, monkeypatch):
    ada = home.book_all(home.enrol_ada())[0]
    wish = Enrolment(
        name="Bo Sample", number="+12125550177", protocol="iv_6", starts_on=NOW.date() + timedelta(days=60)
    )
    bo = home.book_all(enrol(home.clinic, wish, by=home.cora, now=NOW))[0]
    assert ada.patient_id < bo.patient_id
    row = chair(home)
    row.busy_feed = "https://calendar.example/a.ics"
    db.session.commit()
    feed, order = Feed(row.clinic_id, row.id, row.busy_feed, ZONE, None), []
    hours = {one.patient_id: (one.starts_at, one.ends_at) for one in (ada, bo)}
    monkeypatch.setattr(calendars, "lock", lambda clinic_id, patient_id: order.append(patient_id))
    for busy in (ada, bo, ada):
        keep_busy(feed, [hours[busy.patient_id]], now=NOW)
        db.session.commit()
    assert order == [ada.patient_id, ada.patient_id, bo.patient_id, ada.patient_id, bo.patient_id]


def test_an_address_inside_our_own_network_is_not_called(database, server):
    with app_on(database.url) as app, app.app_context():
        set_care_clock(NOW)
        home = harbor()
        chair(home).busy_feed = f"https://127.0.0.1:{server.server_port}/a.ics"
        db.session.commit()
        read(home)
        assert (chair(home).busy_wrong, server.asked) == ("forbidden", [])


def test_the_round_lets_the_thread_read_and_only_when_it_is_time(home, server):
    from flask import current_app

    chair(home).busy_feed = f"http://127.0.0.1:{server.server_port}/a.ics"
    server.says = (200, calendar(["DTSTART;VALUE=DATE:20270120"]), None)
    db.session.commit()
    for _ in range(2):
        current_app.extensions["steadfast.dispatch"](lambda: NOW)
        current_app.extensions["steadfast.feeds"].wait(20)
    assert len(server.asked) == 1
    busy = db.session.query(BusyTime).one()
    assert busy.starts_at.date() == date(2027, 1, 20)
