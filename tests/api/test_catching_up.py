"""Can an app keep a store of its own? Whoever follows the changes always has what whoever reads everything anew has."""

import random
from datetime import timedelta

from actions.courses.support import name_support
from actions.courses.wish import SupportNamed
from actions.record import Verb, lock, note
from actions.texts.contacts import opt_in, opt_out
from models import Changed, CourseRequest, RecordEntry, SupportPerson, SupportState, db
from models.clock import care_now, set_care_clock
from tests.api.conftest import booked
from tests.people import NOW

LISTS = {"courses": "course", "sessions": "session", "supports": "support", "answers": "answer", "requests": "request"}


class App:
    """An app that was offline: it follows the changes, reads what they name, drops what is gone."""

    def __init__(self, speaker):
        self.speaker, self.things, self.last, self.mark = speaker, {}, 0, ""
        self.begin()

    def begin(self):
        whole = self.speaker.get("/v1/me/snapshot").json
        self.things, self.last, self.mark = everything(whole), whole["last"], whole["mark"]

    def catch_up(self, limit=100):
        while True:
            page = self.speaker.get(f"/v1/me/changes?since={self.last}&mark={self.mark}&limit={limit}").json
            if page["reset"]:
                self.begin()
                return
            assert [item["no"] for item in page["items"]] == list(range(self.last + 1, page["last"] + 1))
            for thing in (thing for item in page["items"] for thing in item["things"]):
                self.read(thing["kind"], thing["id"], gone=thing["gone"])
            self.last, self.mark = page["last"], page["mark"]
            if not page["more"]:
                return

    def read(self, kind, thing_id, *, gone):
        if gone:
            self.things.pop((kind, thing_id), None)
            return
        got = self.speaker.get(address(kind, thing_id))
        assert got.status_code == 200, (kind, got.json)
        self.things[kind, thing_id] = got.json


def address(kind, thing_id):
    if kind == "profile":
        return "/v1/me/profile"
    return f"/v1/me/sessions/{thing_id}/hold" if kind == "hold" else f"/v1/me/{kind}s/{thing_id}"


def everything(whole):
    found = {("profile", whole["profile"]["id"]): whole["profile"]}
    for name, kind in LISTS.items():
        found |= {(kind, one["id"]): one for one in whole[name]}
    return found | {("hold", one["session_id"]): one for one in whole["holds"]}


def held_now(things):
    """A hold ends by itself at its moment, which its reader knows."""
    now = care_now().isoformat()
    db.session.rollback()
    return {key: one for key, one in things.items() if key[0] != "hold" or one["held_until"]["at"] > now}


def same(app, cast):
    fresh = everything(cast.ada.get("/v1/me/snapshot").json)
    mine, theirs = held_now(app.things), held_now(fresh)
    assert mine.keys() == theirs.keys()
    assert {key for key in mine if mine[key] != theirs[key]} == set()


class Deeds:
    """What may happen to Ada's course, through the doors that people use; what is refused changes nothing."""

    def __init__(self, cast, chance):
        self.cast, self.chance = cast, chance

    def sessions(self, *statuses):
        items = self.cast.cora.get(f"/v1/sessions?patient={self.cast.course.patient_id}").json["items"]
        return [one for one in items if not statuses or one["status"] in statuses]

    def one(self, *statuses):
        found = self.sessions(*statuses)
        return self.chance.choice(found) if found else None

    def slot(self, speaker, session, door):
        day = session["target_on"]
        path = f"{door}/{session['id']}/slots?from={day}T08:00:00Z&until={day}T23:59:00Z"
        free = speaker.get(path).json.get("items", [])
        return self.chance.choice(free)["id"] if free else None

    def act(self):
        deed = self.chance.choice(
            (self.book, self.book, self.hold, self.release, self.answer, self.answer, self.end, self.move, self.move,
             self.support, self.remove, self.opt_out, self.arrive, self.wait, self.steer, self.elsewhere)
        )  # fmt: skip
        deed()

    def book(self):
        session = self.one("planned")
        slot = session and self.slot(self.cast.ada, session, "/v1/me/sessions")
        if slot:
            self.cast.ada.put(
                f"/v1/me/sessions/{session['id']}/booking", {"slot": slot}, If_Match=f'"{session["edition"]}"'
            )

    def hold(self):
        session = self.one("planned")
        slot = session and self.slot(self.cast.ada, session, "/v1/me/sessions")
        if slot:
            self.cast.ada.post(f"/v1/me/sessions/{session['id']}/hold", {"slot": slot})

    def release(self):
        session = self.one("planned")
        if session:
            self.cast.ada.delete(f"/v1/me/sessions/{session['id']}/hold")

    def answer(self):
        session = self.one("booked")
        if session:
            step = self.chance.choice(("attendance", "transport", "support"))
            said = {"value": self.chance.choice(("yes", "no", "call")), "version": session["version"]}
            by, door = self.chance.choice(((self.cast.ada, "/v1/me/sessions"), (self.cast.cora, "/v1/sessions")))
            by.put(f"{door}/{session['id']}/answers/{step}", said)

    def change(self, session, wish):
        """As staff do: look at what would follow, then agree to it."""
        door = f"/v1/sessions/{session['id']}/changes"
        seen = self.cast.cora.post(f"{door}/preview", wish)
        if seen.status_code == 200 and not seen.json["refusals"]:
            agreed = wish | {"plan": seen.json["token"], "reason": "As it happens."}
            self.cast.cora.post(door, agreed)

    def end(self):
        verb = self.chance.choice(("cancel", "omit", "defer", "miss"))
        session = self.one("booked") if verb in ("defer", "miss") else self.one("planned", "booked")
        if session and self.chance.random() < 0.4:
            self.change(session, {"verb": verb, "cause": "patient"})

    def move(self):
        session = self.one("booked")
        slot = session and self.slot(self.cast.cora, session, "/v1/sessions")
        if slot:
            self.change(session, {"verb": self.chance.choice(("move", "reseat")), "slot": slot})

    def support(self):
        db.session.refresh(self.cast.course)
        if self.cast.course.status in ("active", "paused") and self.chance.random() < 0.3:
            number = f"+1212555{self.chance.randint(100, 199):04}"
            named = SupportNamed("Robin Sample", number)
            name_support(self.cast.course, named, by=self.cast.home.cora, now=care_now())
            db.session.commit()

    def remove(self):
        """Nobody offers this yet; rows that change beside a verb are named by the next one."""
        rows = db.session.scalars(
            db.select(SupportPerson).where(SupportPerson.clinic_id == self.cast.home.clinic.id)
        ).all()
        session = self.one("booked")
        if session and rows and self.chance.random() < 0.2:
            patient = lock(self.cast.home.clinic.id, self.cast.course.patient_id)
            self.chance.choice(rows).state = SupportState.REMOVED
            note(Verb.NAME_SUPPORT, by=self.cast.home.cora, now=care_now(), patient=patient)
            db.session.commit()

    def opt_out(self):
        contact = self.cast.home.patient(self.cast.course).contact
        self.chance.choice((opt_out, opt_in))(contact, source="text", now=care_now())
        db.session.commit()

    def arrive(self):
        session = self.one("booked")
        if session and self.chance.random() < 0.2:
            self.cast.cora.post(f"/v1/sessions/{session['id']}/arrive", {})

    def wait(self):
        set_care_clock(care_now() + timedelta(hours=self.chance.choice((0, 1, 3, 9))))
        db.session.commit()

    def steer(self):
        """What happens to the whole course at once."""
        door = f"/v1/courses/{self.cast.course.id}"
        course = self.cast.cora.get(door).json
        seen = {"If_Match": f'"{course["edition"]}"'}
        if course["status"] == "paused":
            wish = {"from_on": "2027-01-18"}
            plan = self.cast.cora.post(f"{door}/resume/preview", wish).json.get("token")
            self.cast.cora.post(f"{door}/resume", wish | {"plan": plan or "none"})
        elif self.chance.random() < 0.2:
            self.cast.cora.post(f"{door}/pause", {"reason": "Travels for work."}, **seen)
        else:
            days = {"weekdays": [1, 4], "around": "10:00"}
            plan = self.cast.cora.post(f"{door}/bookings/proposal", days).json.get("token")
            self.cast.cora.post(f"{door}/bookings", days | {"proposal": plan or "none"})

    def discontinue(self):
        door = f"/v1/courses/{self.cast.course.id}"
        seen = {"If_Match": f'"{self.cast.cora.get(door).json["edition"]}"'}
        ending = {"cause": "patient", "reason": "Moves to another city."}
        assert self.cast.clive.post(f"{door}/discontinue", ending, **seen).status_code == 200

    def elsewhere(self):
        found = [one for one in self.sessions("planned") if one["kind"] == "integration"]
        if found:
            one = self.chance.choice(found)
            door, seen = f"/v1/sessions/{one['id']}/elsewhere", {"If_Match": f'"{one["edition"]}"'}
            if self.chance.random() < 0.3:
                self.cast.cora.delete(door, **seen)
            else:
                self.cast.cora.put(door, {"on": one["target_on"]}, **seen)


def test_following_the_changes_is_as_good_as_reading_everything(cast, caplog):
    chance = random.Random(8)
    app, deeds = App(cast.ada), Deeds(cast, chance)
    same(app, cast)
    for _ in range(60):
        deeds.act()
        db.session.rollback()
        if chance.random() < 0.5:
            app.catch_up(limit=chance.choice((1, 3, 100)))
            same(app, cast)
    deeds.discontinue()
    app.catch_up()
    same(app, cast)
    assert ("course", str(cast.course.id)) not in app.things
    verbs = {
        entry.verb for entry in db.session.scalars(db.select(RecordEntry).where(RecordEntry.change_no.is_not(None)))
    }
    assert len(verbs) > 7, verbs
    assert "changed without a word in the record" not in caplog.text


def test_a_change_names_what_it_touched_and_what_is_gone(cast):
    last = cast.ada.get("/v1/me/snapshot").json["last"]
    session = booked(cast)
    page = cast.ada.get(f"/v1/me/changes?since={last}").json
    assert [(item["verb"], item["things"]) for item in page["items"]] == [
        ("book", [{"kind": "session", "id": session["id"], "gone": False}])
    ]
    said = cast.ada.put(f"/v1/me/sessions/{session['id']}/answers/transport", {"value": "yes", "version": 1}).json
    wish, door = {"verb": "cancel", "cause": "patient"}, f"/v1/sessions/{session['id']}/changes"
    plan = cast.cora.post(f"{door}/preview", wish).json["token"]
    assert cast.cora.post(door, wish | {"plan": plan, "reason": "Has a fever."}).status_code == 200
    later = cast.ada.get(f"/v1/me/changes?since={page['last']}").json
    gone = {(thing["kind"], thing["id"]) for item in later["items"] for thing in item["things"] if thing["gone"]}
    assert {("session", session["id"]), ("answer", said["id"])} <= gone
    whole = cast.ada.get("/v1/me/snapshot").json
    assert session["id"] not in {one["id"] for one in whole["sessions"]}
    assert cast.ada.get(f"/v1/me/sessions/{session['id']}").json["status"] == "cancelled", (
        "it can still be read as history"
    )


def test_a_wish_for_a_session_and_what_became_of_it_are_named(cast):
    wanted = CourseRequest(
        clinic_id=cast.home.clinic.id, course_id=cast.course.id, patient_id=cast.course.patient_id, asked_at=NOW
    )
    db.session.add(wanted)
    note(Verb.ASK_FOR_SESSION, by=cast.home.cora, now=NOW, patient=cast.home.patient(cast.course), subject_id=wanted.id)
    db.session.commit()
    app = App(cast.ada)
    (item,) = cast.ada.get(f"/v1/me/changes?since={app.last - 1}").json["items"]
    assert item["things"] == [{"kind": "request", "id": str(wanted.id), "gone": False}]
    assert app.things["request", str(wanted.id)] == cast.ada.get(f"/v1/me/requests/{wanted.id}").json
    assert cast.their_ada.get(f"/v1/me/requests/{wanted.id}").status_code == 404


def test_a_thing_is_named_where_it_changed_last(cast):
    session = booked(cast)
    for value in ("yes", "no", "yes"):
        cast.ada.put(f"/v1/me/sessions/{session['id']}/answers/transport", {"value": value, "version": 1})
    things = [
        (thing["kind"], thing["id"])
        for item in cast.ada.get("/v1/me/changes").json["items"]
        for thing in item["things"]
    ]
    assert len(things) == len(set(things))


def test_pages_follow_one_another(cast):
    for number in (1, 2, 3):
        booked(cast, number)
    whole = cast.ada.get("/v1/me/changes").json
    one, since, mark = [], 0, ""
    while True:
        page = cast.ada.get(f"/v1/me/changes?since={since}&mark={mark}&limit=1").json
        one += page["items"]
        since, mark = page["last"], page["mark"]
        if not page["more"]:
            break
    assert [item["no"] for item in one] == [item["no"] for item in whole["items"]]
    assert (since, mark) == (whole["last"], whole["mark"])


def test_an_app_that_is_ahead_of_us_begins_anew(cast):
    """Our database was put back to an earlier day."""
    last = cast.ada.get("/v1/me/snapshot").json["last"]
    ahead = cast.ada.get(f"/v1/me/changes?since={last + 5}").json
    assert (ahead["reset"], ahead["items"], ahead["more"]) == (True, [], False)


def test_the_same_number_in_another_history_is_noticed(cast):
    """We were put back, and have since come to the same number by another way."""
    whole = cast.ada.get("/v1/me/snapshot").json
    fine = cast.ada.get(f"/v1/me/changes?since={whole['last']}&mark={whole['mark']}").json
    assert (fine["reset"], fine["mark"]) == (False, whole["mark"])
    assert cast.ada.get(f"/v1/me/changes?since={whole['last']}&mark=0123456789ab").json["reset"]
    assert not cast.ada.get("/v1/me/changes?since=0&mark=").json["reset"]


def test_who_was_away_for_too_long_begins_anew(cast, monkeypatch):
    monkeypatch.setattr("actions.apps.changes.FAR_BEHIND", 2)
    for number in (1, 2, 3):
        booked(cast, number)
    assert cast.ada.get("/v1/me/changes?since=0").json["reset"]
    last = cast.ada.get("/v1/me/snapshot").json["last"]
    assert not cast.ada.get(f"/v1/me/changes?since={last - 2}").json["reset"]


def test_nobody_reads_anothers_store(cast):
    session = booked(cast)
    for path in (f"courses/{cast.course.id}", f"sessions/{session['id']}", f"sessions/{session['id']}/hold"):
        assert cast.their_ada.get(f"/v1/me/{path}").status_code == 404
    supports = cast.ada.get("/v1/me/supports").json["items"]
    assert [one["name"] for one in supports] == ["Sam Sample"]
    assert cast.their_ada.get(f"/v1/me/supports/{supports[0]['id']}").status_code == 404
    assert cast.cora.get("/v1/me/snapshot").status_code == 403
    mine = {one.id for one in db.session.scalars(db.select(RecordEntry)) if one.patient_id == cast.course.patient_id}
    assert len(cast.ada.get("/v1/me/changes").json["items"]) == len(mine)


def test_what_a_session_lost_is_remembered(cast):
    """The time that was given up stays known, so that calendars can show what is off."""
    session = booked(cast)
    db.session.expire_all()
    row = cast.dose()
    was = row.starts_at
    row.starts_at = row.ends_at = row.arrive_at = None
    row.status = "planned"
    note(Verb.MOVE, by=cast.home.cora, now=NOW, patient=cast.home.patient(cast.course), subject_id=row.id)
    db.session.commit()
    changed = db.session.scalars(db.select(Changed).where(Changed.thing_id == row.id)).all()
    assert was in {one.was_at for one in changed}
    assert session["id"] == str(row.id)
