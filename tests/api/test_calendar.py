"""Do people's own calendars show when and where, keep each visit as one event, and stop when the link ends?"""

import re
from datetime import UTC, timedelta

import pytest
import vobject  # type: ignore[import-untyped]  # it carries no types
from icalendar import Calendar

from models import Resource, SupportPerson, db
from models.clock import set_care_clock
from tests.api.conftest import booked
from tests.people import NOW

PRIVATE = ("Ada", "Example", "ketamine", "dos", "treatment", "iv_6", "Clive")


def linked(speaker, door="/v1/me/calendar-link"):
    """The path of a new link."""
    made = speaker.post(door)
    assert made.status_code == 201, made.json
    assert made.json["webcal"].startswith("webcal://")
    return made.json["url"].removeprefix("http://localhost")


def fed(cast, path):
    """What the feed holds, read by one parser and found whole by another."""
    got = cast.stranger.get(path)
    assert got.status_code == 200
    assert got.mimetype == "text/calendar"
    raw = got.get_data()
    whole = vobject.readOne(raw.decode())
    if getattr(whole, "vevent", None):
        assert whole.validate(raiseException=True)
    lines = raw.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    again = Calendar.from_ical(raw)
    assert again.to_ical() == raw
    assert not [error for event in again.events for error in event.errors]
    return {str(event["uid"]): event for event in again.events}


def cancel(cast, session):
    door, wish = f"/v1/sessions/{session['id']}/changes", {"verb": "cancel", "cause": "patient"}
    plan = cast.cora.post(f"{door}/preview", wish).json["token"]
    assert cast.cora.post(door, wish | {"plan": plan, "reason": "Has a fever."}).status_code == 200


def move(cast, session, days=1):
    at = cast.dose().starts_at + timedelta(days=days)
    stretch = f"from={at:%Y-%m-%dT%H:%M:%SZ}&until={at + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"
    slot = cast.cora.get(f"/v1/sessions/{session['id']}/slots?{stretch}").json["items"][0]["id"]
    door, wish = f"/v1/sessions/{session['id']}/changes", {"verb": "move", "slot": slot}
    plan = cast.cora.post(f"{door}/preview", wish).json["token"]
    assert cast.cora.post(door, wish | {"plan": plan, "reason": "It suits better."}).status_code == 200
    db.session.expire_all()


def test_a_visit_is_one_event_that_says_when_and_where_and_nothing_else(cast):
    path = linked(cast.ada)
    assert fed(cast, path) == {}
    session = booked(cast)
    (event,) = fed(cast, path).values()
    assert event["uid"] == f"{session['id']}@localhost"
    assert (str(event["summary"]), str(event["location"]), str(event["status"])) == (
        "Visit at Harbor",
        "Harbor",
        "CONFIRMED",
    )
    row = cast.dose()
    assert (event.start, event.end) == (row.arrive_at, row.ends_at), "from the arrival to the end"
    assert event.start.tzinfo is not None
    raw = cast.stranger.get(path).get_data(as_text=True)
    assert not [word for word in PRIVATE if word in raw]


def test_a_moved_visit_stays_the_same_event_and_its_sequence_grows(cast):
    path, session = linked(cast.ada), booked(cast)
    ((uid, before),) = fed(cast, path).items()
    move(cast, session)
    after = fed(cast, path)[uid]
    assert after.start == before.start + timedelta(days=1)
    assert after["sequence"] > before["sequence"]
    assert after["last-modified"].dt >= before["last-modified"].dt


def test_an_answer_is_no_change_of_the_event(cast):
    path, session = linked(cast.ada), booked(cast)
    before = cast.stranger.get(path)
    cast.ada.put(f"/v1/me/sessions/{session['id']}/answers/transport", {"value": "yes", "version": session["version"]})
    assert cast.stranger.get(path).get_data() == before.get_data()


def test_what_is_off_stays_as_cancelled_at_the_time_it_had(cast):
    path, session = linked(cast.ada), booked(cast)
    ((uid, before),) = fed(cast, path).items()
    cancel(cast, session)
    after = fed(cast, path)[uid]
    assert (str(after["status"]), after.start, after.end) == ("CANCELLED", before.start, before.end)
    assert after["sequence"] > before["sequence"]


def test_what_lost_its_time_is_cancelled_at_the_time_it_had_last(cast):
    from actions.record import Verb, lock, note

    path = linked(cast.ada)
    booked(cast)
    ((uid, before),) = fed(cast, path).items()
    row = cast.dose()
    patient = lock(row.clinic_id, row.patient_id)
    row.status, row.starts_at, row.ends_at, row.arrive_at = "planned", None, None, None
    row.version += 1
    note(Verb.MOVE, by=cast.home.cora, now=NOW, patient=patient, subject_id=row.id)
    db.session.commit()
    after = fed(cast, path)[uid]
    assert (str(after["status"]), after.start, after.end) == ("CANCELLED", before.start, before.end)
    assert after["sequence"] > before["sequence"]


def test_whoever_has_the_latest_gets_304(cast):
    path = linked(cast.ada)
    booked(cast)
    first = cast.stranger.get(path)
    assert first.headers["Cache-Control"] == "private, max-age=300"
    again = cast.stranger.get(path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.get_data()) == (304, b"")
    booked(cast, 2)
    assert cast.stranger.get(path, If_None_Match=first.headers["ETag"]).status_code == 200


def test_a_link_that_ended_and_one_that_never_was_answer_alike(cast):
    first = linked(cast.ada)
    second = linked(cast.ada)
    assert cast.ada.get("/v1/me/calendar-link").json["made_at"]["at"]
    never = "/calendar/" + "a" * 43 + ".ics"
    ended = [cast.stranger.get(path) for path in (first, never)]
    assert ended[0].status_code == ended[1].status_code == 404
    assert ended[0].get_data() == ended[1].get_data()
    assert cast.stranger.get(second).status_code == 200
    assert cast.ada.delete("/v1/me/calendar-link").status_code == 204
    assert cast.ada.delete("/v1/me/calendar-link").status_code == 204
    assert cast.stranger.get(second).status_code == 404
    assert cast.ada.get("/v1/me/calendar-link").status_code == 404


def test_the_link_is_kept_as_a_digest_only(cast, app):
    token = linked(cast.ada).split("/")[-1].removesuffix(".ics")
    dump = "".join(str(row) for row in db.session.execute(db.text("SELECT * FROM calendar_link")))
    assert token not in dump
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)


def test_a_support_persons_calendar_shows_the_visits_they_stand_by(cast):
    from actions.apps.calendar import share_calendar
    from actions.record import Actor
    from models import Reader

    booked(cast)
    sam = db.session.scalars(db.select(SupportPerson).where(SupportPerson.clinic_id == cast.home.clinic.id)).one()
    token = share_calendar(Reader.SUPPORT, sam.id, by=Actor("support", sam.id, sam.clinic_id), now=NOW)
    db.session.commit()
    path = f"/calendar/{token}.ics"
    assert cast.stranger.get(path).status_code == 404, "before the yes there is nothing to show"
    sam.state = "accepted"
    db.session.commit()
    (event,) = fed(cast, path).values()
    assert str(event["summary"]) == "Ada's visit at Harbor"
    assert "Example" not in cast.stranger.get(path).get_data(as_text=True)
    sam.state = "removed"
    db.session.commit()
    assert cast.stranger.get(path).status_code == 404


def test_a_resources_calendar_shows_its_own_hours_and_nobodys_name(cast):
    booked(cast)
    chair = db.session.scalars(
        db.select(Resource).where(Resource.clinic_id == cast.home.clinic.id, Resource.kind == "chair")
    ).one()
    door = f"/v1/resources/{chair.id}/calendar-link"
    path = linked(cast.cora, door)
    (event,) = fed(cast, path).values()
    assert str(event["summary"]) == "Visit at Harbor"
    raw = cast.stranger.get(path).get_data(as_text=True)
    assert not [word for word in PRIVATE if word in raw]
    assert cast.their_cora.post(door).status_code == 404
    assert cast.ada.post(door).status_code == 403
    assert cast.cora.delete(door).status_code == 204
    assert cast.stranger.get(path).status_code == 404


def test_what_is_long_over_leaves_the_feed(cast):
    path = linked(cast.ada)
    booked(cast)
    assert len(fed(cast, path)) == 1
    set_care_clock(cast.dose().ends_at + timedelta(days=91))
    db.session.commit()
    assert fed(cast, path) == {}


@pytest.mark.parametrize("word", ["..", "x" * 400, "%00", "a.b"])
def test_odd_tokens_are_unknown_tokens(cast, word):
    assert cast.stranger.get(f"/calendar/{word}.ics").status_code == 404


def test_times_are_told_in_utc(cast):
    path = linked(cast.ada)
    booked(cast)
    raw = cast.stranger.get(path).get_data(as_text=True)
    starts = cast.dose().arrive_at.astimezone(UTC)
    assert f"DTSTART:{starts:%Y%m%dT%H%M%SZ}" in raw
    assert "VTIMEZONE" not in raw
