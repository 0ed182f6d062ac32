"""How does a course live on after its first weeks? Reviews, cadences, pauses and its end, with real rows."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from actions.courses.enrol import adopt_shipped
from actions.courses.follow import follow, follow_alone
from actions.facts import rules_of
from actions.sessions.attend import arrive, correct, discharge, dose
from actions.sessions.book import book
from actions.sessions.confirm import confirm
from actions.sessions.end import miss
from actions.sessions.readiness import readiness
from actions.steering.decide import Decided, advance, review, set_cadence
from actions.steering.discontinue import discontinue
from actions.steering.pause import ResumeIsStale, pause, preview_resume, resume
from actions.steering.requests import ask_for_session, decline, grant
from care.course.progress.phases import Cadence
from care.course.progress.reviews import Decision
from care.course.spacing import spacing_refusals
from care.facts import Cause, How, Status, Step, Value
from care.refusals import Code, Refused
from care.times import local_date
from models import Booking, Course, Reminder, Review, Session, Stage, TaskReason, db
from tests.people import NOW, Harbor, harbor

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ZONE = "America/New_York"


@pytest.fixture
def clinic(app: object) -> Harbor:
    return harbor()


def doses(course: Course, *statuses: str) -> list[Session]:
    rows = db.session.scalars(db.select(Session).filter_by(course_id=course.id, kind="dosing").order_by(Session.number))
    return [row for row in rows if not statuses or row.status in statuses]


def undecided(course: Course) -> list[Review]:
    open_ = db.select(Review).where(Review.course_id == course.id, Review.decided_at.is_(None))
    return list(db.session.scalars(open_.order_by(Review.due_at)))


def open_codes() -> set[str]:
    return set(db.session.scalars(db.select(TaskReason.code).where(TaskReason.met_at.is_(None))))


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[Code]:
    return [each.code for each in refused.value.refusals]


def decide(clinic: Harbor, course: Course, decision: Decision, now: datetime, **more: object) -> list[Session]:
    (looked_at,) = undecided(course)
    off = review(course, looked_at, Decided(decision, "looked at", **more), by=clinic.clive, now=now)  # type: ignore[arg-type]
    db.session.commit()
    return off


def give(clinic: Harbor, session: Session) -> datetime:
    """Book the dose near its target, and take it as given: when it was over."""
    slot = clinic.first_slot(session, now=session_day(session) - 3 * DAY)
    book(session, slot, by=clinic.cora, now=slot.starts_at - 3 * DAY)
    session.arrived_at = session.dosed_at = slot.starts_at
    session.status, session.discharged_at, session.since = Status.DISCHARGED, slot.ends_at, slot.ends_at
    course = db.session.get_one(Course, (session.clinic_id, session.course_id))
    follow(course, clinic.patient(course), by=clinic.clive, now=slot.ends_at)
    db.session.commit()
    return slot.ends_at


def give_each(clinic: Harbor, sessions: list[Session]) -> datetime:
    """One after the other: when the last was over."""
    return [give(clinic, session) for session in sessions][-1]


def session_day(session: Session) -> datetime:
    return datetime.combine(session.target_on, time(15), UTC)


def take_part(clinic: Harbor, session: Session) -> datetime:
    at, until = session.starts_at, session.ends_at
    assert at is not None
    assert until is not None
    for step in (Step.TRANSPORT, Step.RIDE_TODAY, Step.SUPPORT):
        confirm(session, step, Value.YES, by=clinic.cora, how=How.STAFF, now=at - 20 * MINUTE)
    arrive(session, by=clinic.cora, now=at - 10 * MINUTE)
    dose(session, by=clinic.clive, now=at)
    discharge(session, by=clinic.clive, now=until)
    db.session.commit()
    return until


def passes(course: Course, now: datetime) -> None:
    """The clock looks at the course on this day."""
    follow_alone(course.clinic_id, course.patient_id, course.id, now=now)
    db.session.commit()


def keeps_spacing(course: Course) -> None:
    given = [row for row in doses(course) if row.dosed_at]
    ats = [row.dosed_at for row in given]
    rules = rules_of(course)
    for place, at in enumerate(ats):
        assert spacing_refusals(rules, at, ats[:place] + ats[place + 1 :], ats[0], ZONE) == []


def test_a_course_goes_from_induction_through_its_review_to_two_weeks_and_a_pause_over_a_year(clinic: Harbor) -> None:
    course = clinic.enrol_ada("spravato_trd", supports=())
    now = give_each(clinic, doses(course)[:8])
    assert (course.phase, [row.kind for row in undecided(course)]) == ("induction", ["doses"])

    ninth = doses(course)[8]
    book(ninth, clinic.first_slot(ninth, now=now), by=clinic.cora, now=now)  # booking does not wait for the review
    db.session.commit()
    with pytest.raises(Refused) as refused:
        take_part(clinic, ninth)
    assert codes(refused) == [Code.REVIEW_OPEN]
    db.session.rollback()
    assert [each.code for each in readiness(ninth, now=now).stopped] == [Code.REVIEW_OPEN]
    decide(clinic, course, Decision.CONTINUE, now)
    assert (course.phase, open_codes() & {"doses_review"}) == ("weekly", set())
    take_part(clinic, ninth)
    now = give_each(clinic, doses(course, "planned"))
    assert course.phase == "maintenance"  # by rule: four weekly ones are over

    ahead = doses(course, "planned")
    assert [row.phase for row in ahead] == ["maintenance"] * len(ahead)
    assert ahead[-1].target_on > local_date(now, ZONE) + 80 * DAY
    gaps = {(later.target_on - one.target_on).days for one, later in pairwise(ahead)}
    assert gaps == {7}
    passes(course, now)
    assert doses(course, "planned") == ahead  # twice adds nothing

    set_cadence(course, Cadence(every_days=14), "holds", by=clinic.clive, now=now)
    db.session.commit()
    again = doses(course, "planned")
    assert [row.number for row in again] == [row.number for row in ahead]
    assert {(later.target_on - one.target_on).days for one, later in pairwise(again)} == {14}
    while now < NOW + 200 * DAY:
        now = give(clinic, doses(course, "planned")[0])
    booked = doses(course, "planned")[:2]
    for session in booked:
        book(session, clinic.first_slot(session, now=now), by=clinic.cora, now=now)
    assert pause(course, "travels", by=clinic.cora, now=now + MINUTE) == booked
    db.session.commit()
    assert (course.status, [row.starts_at for row in booked]) == ("paused", [None, None])

    lapsed = course.look_at
    assert lapsed is not None
    passes(course, lapsed)
    assert [row.kind for row in undecided(course)] == ["lapse"]
    back = lapsed + 20 * DAY
    shown = preview_resume(course, local_date(back, ZONE), now=back)
    assert shown.reviews == ("lapse",)
    resume(course, local_date(back, ZONE), shown.token, by=clinic.cora, now=back)
    db.session.commit()
    decide(clinic, course, Decision.STEP_BACK, back)
    assert (course.status, course.every_days) == ("active", 7)
    for _ in range(4):
        now = give(clinic, doses(course, "planned")[0])
    set_cadence(course, Cadence(every_days=14), "steady again", by=clinic.clive, now=now)
    while now < NOW + 365 * DAY:
        now = give(clinic, doses(course, "planned")[0])
        assert len(doses(course, "planned")) >= 6
    assert undecided(course) == []
    numbers = [row.number for row in doses(course)]
    assert numbers == list(range(1, len(numbers) + 1))
    keeps_spacing(course)


def test_two_misses_in_a_phase_open_one_review_that_goes_when_one_was_no_miss(clinic: Harbor) -> None:
    course = clinic.enrol_ada("spravato_trd", supports=())
    first, second = clinic.book_all(course)[:2]
    for session in (first, second):
        miss(session, Cause.PATIENT, "no show", by=clinic.cora, now=session.starts_at + 20 * MINUTE)
    db.session.commit()
    assert [row.kind for row in undecided(course)] == ["misses"]
    assert "two_missed" in open_codes()
    correct(second, "was in the other room", by=clinic.cora, now=second.starts_at + 21 * MINUTE)
    db.session.commit()
    assert undecided(course) == []
    assert "two_missed" not in open_codes()


def test_a_pause_gives_every_time_back_stops_its_texts_and_is_told_once(clinic: Harbor) -> None:
    course = clinic.enrol_ada(supports=())
    clinic.book_all(course)
    versions = {row.id: row.version for row in doses(course)}
    slot = clinic.first_slot(clinic.session(course, 1, "integration"))
    pause(course, "moves house", until=date(2027, 2, 1), by=clinic.cora, now=NOW)
    db.session.commit()
    assert {row.status for row in doses(course)} == {"planned"}
    assert all(row.version == versions[row.id] + 1 for row in doses(course))
    assert db.session.query(Booking).count() == 0
    waiting = db.session.scalars(db.select(Reminder.kind).where(Reminder.stage == Stage.WAITING)).all()
    assert set(waiting) <= {"cancel_notice"}
    with pytest.raises(Refused) as refused:
        book(clinic.session(course, 1, "integration"), slot, by=clinic.cora, now=NOW)
    assert codes(refused) == [Code.COURSE_NOT_ACTIVE]
    assert course.look_at is not None
    passes(course, course.look_at)
    assert (course.status, "pause_over" in open_codes()) == ("paused", True)


def test_going_on_gives_new_days_by_the_preview_that_was_agreed_to(clinic: Harbor) -> None:
    course = clinic.enrol_ada(supports=())
    first = give(clinic, doses(course)[0])
    pause(course, "flu", by=clinic.cora, now=first + DAY)
    from_on = local_date(first, ZONE) + 16 * DAY
    shown = preview_resume(course, from_on, now=first + 10 * DAY)
    targets = [each.target_on for each in shown.sessions if each.kind == "dosing"]
    assert targets[0] >= from_on
    assert {day.weekday() for day in targets} == {1, 4}
    with pytest.raises(ResumeIsStale) as stale:
        resume(course, from_on, "another", by=clinic.cora, now=first + 10 * DAY)
    assert stale.value.preview == shown
    resume(course, from_on, shown.token, by=clinic.cora, now=first + 10 * DAY)
    db.session.commit()
    assert [row.target_on for row in doses(course, "planned")] == targets
    assert "to_be_booked" in open_codes()
    integration = db.session.scalars(db.select(Session).filter_by(course_id=course.id, kind="integration")).all()
    of_dose = {row.id: row for row in doses(course)}
    assert all(row.target_on > of_dose[row.of_session_id].target_on for row in integration)


def test_nobody_is_paused_or_ended_in_the_middle_of_a_dose(clinic: Harbor) -> None:
    course = clinic.enrol_ada(supports=())
    (first, *_) = clinic.book_all(course)
    arrive(first, by=clinic.cora, now=first.starts_at)
    for verb in (
        lambda: pause(course, "why", by=clinic.cora, now=first.starts_at),
        lambda: discontinue(course, Cause.PATIENT, "why", by=clinic.cora, now=first.starts_at),
    ):
        with pytest.raises(Refused) as refused:
            verb()
        assert codes(refused) == [Code.DOSE_UNDER_WAY]


def test_a_course_that_ends_early_keeps_the_care_after_its_last_dose(clinic: Harbor) -> None:
    course = clinic.enrol_ada(supports=())
    now = give(clinic, doses(course)[0])
    second = doses(course)[1]
    book(second, clinic.first_slot(second, now=now), by=clinic.cora, now=now)
    discontinue(course, Cause.PATIENT, "wants no more", by=clinic.cora, now=now + MINUTE)
    db.session.commit()
    assert (course.status, course.ended_cause) == ("discontinued", "patient")
    assert {row.status for row in doses(course)[1:]} == {"cancelled"}
    (kept,) = db.session.scalars(
        db.select(Session).filter_by(course_id=course.id, kind="integration", status="planned")
    )
    assert kept.of_session_id == doses(course)[0].id
    slot = clinic.first_slot(kept, now=now + 2 * MINUTE)
    book(kept, slot, by=clinic.cora, now=now + 2 * MINUTE)
    assert clinic.enrol_ada(patient_id=course.patient_id).id != course.id


def test_a_clinician_may_end_a_phase_early_extend_it_or_stop_and_nobody_else(clinic: Harbor) -> None:
    course = clinic.enrol_ada("spravato_trd", supports=())
    clinic.book_all(course)
    with pytest.raises(Refused) as refused:
        advance(course, "better", by=clinic.cora, now=NOW)
    assert codes(refused) == [Code.WRONG_CLINICIAN_ROLE]
    db.session.rollback()
    now = take_part(clinic, doses(course)[0])
    advance(course, "better", by=clinic.clive, now=now)
    db.session.commit()
    assert course.phase == "weekly"
    assert [row.status for row in doses(course)[1:8]] == ["omitted"] * 7
    ahead = doses(course, "booked")
    assert {row.phase for row in ahead} == {"weekly"}
    assert "off_cadence" in open_codes()  # they were booked for weeks later
    assert ahead[0].target_on <= local_date(now, ZONE) + 14 * DAY


def test_more_of_a_phase_is_added_behind_its_last_and_before_the_next(clinic: Harbor) -> None:
    course = clinic.enrol_ada("spravato_trd", supports=())
    now = give_each(clinic, doses(course)[:8])
    with pytest.raises(Refused) as refused:
        decide(clinic, course, Decision.EXTEND, now, sessions=9)
    assert codes(refused) == [Code.NOT_A_CHOICE]
    db.session.rollback()
    decide(clinic, course, Decision.EXTEND, now, sessions=2)
    more = [row for row in doses(course, "planned") if row.phase == "induction"]
    weekly = [row for row in doses(course, "planned") if row.phase == "weekly"]
    assert [row.number for row in more] == [13, 14]
    assert max(row.target_on for row in more) < min(row.target_on for row in weekly)
    assert (course.phase, undecided(course)) == ("induction", [])


def test_who_comes_as_needed_asks_and_a_clinician_decides(clinic: Harbor) -> None:
    course = clinic.enrol_ada("home_seed_2_3w")
    ada = clinic.patient(course)
    by = clinic.cora.__class__("patient", ada.id, course.clinic_id)
    with pytest.raises(Refused) as refused:
        ask_for_session(course, None, by=by, now=NOW)
    assert codes(refused) == [Code.NOT_AS_NEEDED]
    db.session.rollback()
    course.phase = "maintenance"
    for row in doses(course):
        row.status, row.cause = Status.OMITTED, Cause.OTHER
    db.session.commit()
    wanted = ask_for_session(course, "It is getting harder again.", by=by, now=NOW)
    db.session.commit()
    assert "session_asked_for" in open_codes()
    with pytest.raises(Refused) as refused:
        ask_for_session(course, None, by=by, now=NOW)
    assert codes(refused) == [Code.REQUEST_OPEN]
    db.session.rollback()
    added = grant(wanted, date(2027, 2, 2), "agreed", by=clinic.clive, now=NOW)
    db.session.commit()
    assert (added.phase, added.target_on >= date(2027, 2, 2)) == ("maintenance", True)
    assert (wanted.granted, wanted.session_id) == (True, added.id)
    decline(ask_for_session(course, None, by=by, now=NOW + DAY), "too soon", by=clinic.clive, now=NOW + DAY)
    assert "session_asked_for" not in open_codes()


def test_where_the_clinic_wants_it_a_review_stops_booking_already(clinic: Harbor) -> None:
    at_once = {"gates_stop_booking": {"value": True, "source": "clinic default"}}
    adopt_shipped(clinic.clinic, "spravato_trd", at_once)
    course = clinic.enrol_ada("spravato_trd", supports=())
    now = give_each(clinic, doses(course)[:8])
    ninth = doses(course)[8]
    with pytest.raises(StopIteration):
        clinic.first_slot(ninth, now=now)
    decide(clinic, course, Decision.CONTINUE, now)
    book(ninth, clinic.first_slot(ninth, now=now), by=clinic.cora, now=now)
    assert ninth.status == "booked"


def test_a_course_that_ends_is_complete_when_its_last_follow_up_can_no_longer_be_held(clinic: Harbor) -> None:
    course = clinic.enrol_ada("spravato_mdsi", supports=())
    now = give_each(clinic, doses(course))
    passes(course, now)
    assert course.status == "active"  # nobody has said that it may end
    decide(clinic, course, Decision.CONTINUE, now)
    last = course.look_at
    assert (course.status, last is not None) == ("active", True)
    passes(course, last)
    assert (course.status, course.ended_at, course.look_at) == ("completed", last, None)
    correct(doses(course)[-1], "another patient's", by=clinic.clive, now=last + MINUTE)
    db.session.commit()
    assert (course.status, course.ended_at) == ("active", None)
