"""Do the field's hard cases come out right, from the verb to the words on the phone? On both databases.

Zone: New York, whose clocks go forward on Sunday 2027-03-14. Quiet hours: 21:00 to 08:00.
"""

from datetime import datetime, time, timedelta

import pytest

from actions.courses.enrol import adopt_shipped
from actions.facts import rules_of, session_facts
from actions.sessions.attend import arrive, discharge, dose
from actions.sessions.confirm import confirm
from actions.sessions.end import cancel, miss
from actions.sessions.move import move, preview
from actions.sessions.readiness import readiness
from care.facts import Cause, How, Step, Value
from care.readiness import State
from care.windows import integration_window
from models import (
    Answer,
    Availability,
    Contact,
    Question,
    QuestionState,
    Reminder,
    Resource,
    Session,
    Stage,
    Task,
    TaskReason,
    db,
)
from tests.living import (
    Life,
    advance,
    booked_at,
    enrolled,
    new_york,
    reasons_raised,
    slot_at,
    text_back,
    texts_to,
)
from tests.people import ADA, SAM, Harbor, harbor

QUARTER = timedelta(minutes=15)


@pytest.fixture
def clinic(app: object) -> Harbor:
    return harbor()


def reminder_of(kind: str, session: Session) -> Reminder:
    return db.session.execute(db.select(Reminder).filter_by(kind=kind, session_id=session.id)).scalars().one()


def open_codes(role: str) -> dict[str, bool]:
    """What is on this role's worklist, and whether it is urgent."""
    rows = db.select(TaskReason.code, Task.urgent).join(Task, Task.id == TaskReason.task_id)
    return dict(tuple(row) for row in db.session.execute(rows.where(Task.role == role, TaskReason.met_at.is_(None))))


# Spring forward


def test_food_stops_eight_elapsed_hours_before_a_dose_on_the_night_the_clocks_go_forward(clinic: Harbor) -> None:
    """08:00 elapsed before 09:00 EDT is midnight EST; subtracting on the wall clock would say 01:00."""
    adopt_shipped(clinic.clinic, "home_seed_2_3w", {"preparation": {"solids_h": 8, "light_meal_h": 8}})
    guide = db.session.execute(db.select(Resource).filter_by(kind="guide")).scalars().one()
    sunday = Availability(clinic_id=clinic.clinic.id, resource_id=guide.id, weekday=6, opens=time(7), closes=time(19))
    db.session.add(sunday)
    now, at = new_york("2027-03-08", "10:00"), new_york("2027-03-14", "09:00")
    course = enrolled(clinic, "home_seed_2_3w", starts_on="2027-03-14", weekdays=(6, 2), now=now)
    (session,) = booked_at(clinic, course, [at], now)
    Life(clinic, course, now).live(at)
    midnight = new_york("2027-03-14", "00:00")
    assert at - midnight == timedelta(hours=8)
    assert datetime.fromisoformat(reminder_of("solids_stop", session).fills["solids_at"]) == midnight
    window = reminder_of("alcohol_window", session).fills
    assert datetime.fromisoformat(window["from"]) == new_york("2027-03-13", "08:00")
    evening = texts_to(ADA, after=new_york("2027-03-13", "18:00"), until=at - timedelta(hours=1))
    assert [text.at < new_york("2027-03-13", "21:00") for text in evening] == [True]
    assert "12:00 AM Sunday (Saturday night)" in evening[0].body


# Quiet hours against fasting


def test_food_and_drink_are_told_in_one_text_before_the_quiet_evening(clinic: Harbor) -> None:
    adopt_shipped(clinic.clinic, "iv_6", {"preparation": {"solids_h": 6, "light_meal_h": 6}})
    now, at = new_york("2027-04-27", "10:00"), new_york("2027-05-04", "07:30")
    course = enrolled(clinic, "iv_6", starts_on="2027-05-04", weekdays=(1, 4), now=now)
    booked_at(clinic, course, [at], now)
    Life(clinic, course, now).live(at - timedelta(minutes=30))
    advance(at + timedelta(hours=3))
    evening, night = new_york("2027-05-03", "18:00"), new_york("2027-05-03", "21:00")
    told = [text.body for text in texts_to(ADA, after=evening, until=night)]
    assert len(told) == 1
    assert "1:30 AM Tuesday (Monday night)" in told[0]
    assert "5:30 AM" in told[0]
    assert texts_to(ADA, after=night, until=at) == []
    late = texts_to(ADA, after=at, until=at + timedelta(hours=3))
    assert not [text for text in late if "eating" in text.body or "drink" in text.body]
    assert "not_told" not in open_codes("coordinator")


# Moved after the reminders went out


def test_a_move_after_the_reminders_voids_them_and_a_late_yes_is_about_the_old_time(clinic: Harbor) -> None:
    """Thursday 10:00 goes to Friday 14:00 when food was told, ride and support person were settled, and one ask is open."""
    now, thursday, friday = (
        new_york("2027-02-01", "10:00"),
        new_york("2027-02-11", "10:00"),
        new_york("2027-02-12", "14:00"),
    )
    course = enrolled(clinic, "iv_6", starts_on="2027-02-11", weekdays=(3, 0), now=now)
    (session,) = booked_at(clinic, course, [thursday], now)
    asked = new_york("2027-02-10", "10:05")
    Life(clinic, course, now, silent_about=frozenset({Step.ATTENDANCE})).live(asked)
    before = states(session, asked)
    assert (before[Step.TRANSPORT], before[Step.SUPPORT]) == (State.YES, State.YES)
    assert question_about(session, Step.ATTENDANCE).state == QuestionState.OPEN
    assert any("stop eating" in text.body for text in texts_to(ADA, after=now, until=asked))

    noon = new_york("2027-02-10", "12:00")
    advance(noon)
    move_to(clinic, session, friday, noon)
    after = states(session, noon)
    assert not {after[step] for step in (Step.ATTENDANCE, Step.TRANSPORT, Step.SUPPORT)} & {State.YES, State.NO}
    assert_only_the_new_time_is_ahead(session, thursday)

    text_back(clinic, ADA, "1", noon)
    advance(noon + QUARTER)
    assert states(session, noon + QUARTER)[Step.ATTENDANCE] is not State.YES
    assert answers_about(session) == []
    (said,) = texts_to(ADA, after=noon - QUARTER, until=noon + QUARTER)
    assert "That answer was for Thu, Feb 11 at 10:00 AM." in said.body
    assert "is now Fri, Feb 12 at 2:00 PM" in said.body
    (notice,) = texts_to(SAM, after=noon - QUARTER, until=noon + QUARTER)
    assert "Fri, Feb 12 at 2:00 PM" in notice.body

    text_back(clinic, ADA, "1", noon + QUARTER)
    assert answers_about(session) == [(Step.NEW_TIME, Value.YES)]


def move_to(clinic: Harbor, session: Session, at: datetime, now: datetime) -> None:
    slot = slot_at(clinic, session, at, now)
    plan = preview(session, slot, by=clinic.cora, now=now)
    move(session, slot, plan.token, by=clinic.cora, reason="The room is closed.", now=now)
    db.session.commit()


def assert_only_the_new_time_is_ahead(session: Session, was: datetime) -> None:
    """Nothing that waits announces the old time, but for the notice that it no longer holds."""
    waiting = db.session.scalars(db.select(Reminder).filter_by(stage=Stage.WAITING)).all()
    ahead = [each for each in waiting if str(session.id) in each.session_ids]
    assert {"change_notice", "session_confirm", "solids_stop", "transport_confirm"} <= {each.kind for each in ahead}
    others = [each for each in ahead if each.kind != "change_notice"]
    assert not [each.kind for each in others if was.isoformat() in str(each.fills)]


def answers_about(session: Session) -> list[tuple[str, str]]:
    """What was said about the session's present version."""
    said = db.select(Answer).filter_by(subject_id=session.id, version=session.version)
    return [(each.step, each.value) for each in db.session.scalars(said)]


def question_about(session: Session, step: Step) -> Question:
    asked = db.select(Question).filter_by(session_id=session.id, step=step, version=session.version)
    return db.session.execute(asked).scalars().one()


def states(session: Session, now: datetime) -> dict[Step, State]:
    return {each.step: each.state for each in readiness(session, now=now).steps}


# A dose that nobody came to


def test_a_missed_induction_dose_shifts_nothing_and_becomes_a_call(clinic: Harbor) -> None:
    """Dose 4, the second of week 2, of eight; the label has no make-up dose."""
    now = new_york("2027-01-04", "10:00")
    course = enrolled(clinic, "spravato_trd", starts_on="2027-01-12", weekdays=(1, 4), now=now)
    days = ("2027-01-12", "2027-01-15", "2027-01-19", "2027-01-22", "2027-01-26", "2027-01-29")
    sessions = booked_at(clinic, course, [new_york(day, "10:00") for day in days], now)
    first_three_given(clinic, sessions[:3])
    missed, at = sessions[3], new_york("2027-01-22", "10:00")
    advance(at + QUARTER)
    assert open_codes("coordinator")["not_arrived"] is True
    before = [(each.number, each.starts_at) for each in sessions]
    miss(missed, Cause.PATIENT, "Could not be reached.", by=clinic.cora, now=at + timedelta(minutes=30))
    db.session.commit()
    assert missed.status == "missed"
    assert [(each.number, each.starts_at) for each in sessions] == before
    third_week = [each for each in sessions if each.starts_at and each.starts_at.date().isoformat() in days[4:]]
    assert [each.number for each in third_week] == [5, 6]
    assert db.session.query(Session).filter_by(course_id=course.id, kind="dosing").count() == 12
    ahead = db.session.scalars(db.select(Reminder).filter_by(stage=Stage.WAITING, session_id=missed.id)).all()
    assert ahead == []
    assert "missed_call" in open_codes("coordinator")
    assert "two_missed" not in open_codes("clinician")
    later = new_york("2027-01-26", "10:30")
    advance(later)
    miss(sessions[4], Cause.PATIENT, "Could not be reached.", by=clinic.cora, now=later)
    db.session.commit()
    assert "two_missed" in open_codes("clinician")


def first_three_given(clinic: Harbor, sessions: list[Session]) -> None:
    for session in sessions:
        assert session.starts_at
        assert session.ends_at
        for step in (Step.TRANSPORT, Step.RIDE_TODAY):
            confirm(session, step, Value.YES, by=clinic.cora, how=How.STAFF, now=session.starts_at)
        arrive(session, by=clinic.cora, now=session.starts_at)
        dose(session, by=clinic.clive, now=session.starts_at)
        discharge(session, by=clinic.clive, now=session.ends_at)
    db.session.commit()


# The word CANCEL


def test_cancel_ends_texts_to_that_number_and_cancels_nothing(clinic: Harbor) -> None:
    now, at = new_york("2027-02-01", "10:00"), new_york("2027-02-09", "10:00")
    course = enrolled(clinic, "iv_6", starts_on="2027-02-09", weekdays=(1, 4), now=now)
    (session,) = booked_at(clinic, course, [at], now)
    asked = new_york("2027-02-06", "10:00")
    Life(clinic, course, now, silent_about=frozenset({Step.ATTENDANCE})).live(asked)
    assert question_about(session, Step.ATTENDANCE).state == QuestionState.OPEN
    text_back(clinic, ADA, "CANCEL", asked)
    contact = Contact.at(clinic.clinic.id, ADA)
    assert contact is not None
    assert contact.opted_out_at == asked
    assert session.status == "booked"
    assert open_codes("coordinator")["opted_out_may_cancel"] is True
    Life(clinic, course, asked, silent_about=frozenset({Step.ATTENDANCE})).live(at - timedelta(hours=1))
    assert texts_to(ADA, after=asked, until=at) == []
    assert texts_to(SAM, after=asked, until=at) != []
    assert states(session, at)[Step.SUPPORT] is State.YES


# One phone for two


def test_a_shared_phone_is_asked_one_thing_at_a_time_and_its_yes_is_not_the_support_persons(clinic: Harbor) -> None:
    now, at = new_york("2027-02-01", "10:00"), new_york("2027-02-09", "10:00")
    course = enrolled(clinic, "home_seed_2_3w", starts_on="2027-02-09", weekdays=(1, 4), now=now, support=ADA)
    (session,) = booked_at(clinic, course, [at], now)
    assert db.session.query(Contact).count() == 1
    Life(clinic, course, now).live(at - timedelta(hours=1))
    texts = texts_to(ADA, after=now - QUARTER, until=at)
    assert any("For your support person:" in text.body for text in texts)
    assert_asked_one_at_a_time()
    said = db.session.scalars(db.select(Answer).filter_by(subject_id=session.id, step=Step.SUPPORT)).all()
    assert [each.value for each in said] == [Value.YES]
    assert states(session, at)[Step.SUPPORT] is not State.YES
    assert "support_unanswered" in [code for _, code in reasons_raised()] or states(session, at)[Step.SUPPORT] in (
        State.WAITING,
        State.NOT_ASKED,
    )
    clinic.clinic.settings = {"shared_phone_ok": True}
    db.session.commit()
    assert states(session, at)[Step.SUPPORT] is State.YES

    text_back(clinic, ADA, "STOP", at - timedelta(hours=1))
    contact = Contact.at(clinic.clinic.id, ADA)
    assert contact is not None
    assert contact.opted_out_at is not None
    advance(at + timedelta(hours=1))
    assert texts_to(ADA, after=at - timedelta(hours=1), until=at + timedelta(hours=1)) == []


def assert_asked_one_at_a_time() -> None:
    """No two texts that ask went out at one moment unless the first had been answered: each answer names one question."""
    answers = db.session.scalars(db.select(Answer).where(Answer.how == How.TEXT)).all()
    assert len({each.question_id for each in answers}) == len(answers)


# Alcohol windows that run into each other


def test_two_near_doses_make_one_alcohol_window_and_a_cancelled_second_shortens_it(clinic: Harbor) -> None:
    now = new_york("2027-02-01", "10:00")
    tuesday, thursday = new_york("2027-02-09", "10:00"), new_york("2027-02-11", "09:00")
    course = enrolled(clinic, "iv_6", starts_on="2027-02-09", weekdays=(1, 3), now=now)
    _, second = booked_at(clinic, course, [tuesday, thursday], now)
    life = Life(clinic, course, now)
    life.live(new_york("2027-02-09", "14:00"))
    window = "no alcohol from Mon, Feb 8 at 10:00 AM until Fri, Feb 12 at 11:00 AM"
    assert [text.at for text in texts_to(ADA, after=now, until=tuesday) if window in text.body] == [
        new_york("2027-02-08", "09:00")
    ]
    (rules,) = [text for text in texts_to(ADA, after=tuesday, until=life.now) if "done for today" in text.body]
    assert "no alcohol until 11:00 AM Friday" in rules.body

    cancelled = new_york("2027-02-09", "15:00")
    cancel(second, Cause.PATIENT, "Has to travel.", by=clinic.cora, now=cancelled)
    db.session.commit()
    Life(clinic, course, cancelled).live(new_york("2027-02-09", "20:59"))
    told = texts_to(ADA, after=cancelled - QUARTER, until=new_york("2027-02-09", "21:00"))
    assert any("no alcohol until 12:00 noon Wednesday" in text.body for text in told)
    Life(clinic, course, cancelled).live(new_york("2027-02-12", "12:00"))
    later = texts_to(ADA, after=new_york("2027-02-09", "21:00"), until=new_york("2027-02-12", "12:00"))
    assert not [text for text in later if "alcohol" in text.body]


def test_wednesday_says_nothing_of_an_alcohol_window_that_goes_on(clinic: Harbor) -> None:
    now = new_york("2027-02-01", "10:00")
    tuesday, thursday = new_york("2027-02-09", "10:00"), new_york("2027-02-11", "09:00")
    course = enrolled(clinic, "iv_6", starts_on="2027-02-09", weekdays=(1, 3), now=now)
    booked_at(clinic, course, [tuesday, thursday], now)
    Life(clinic, course, now).live(thursday + timedelta(hours=3))
    texts = texts_to(ADA, after=new_york("2027-02-10", "00:00"), until=thursday + timedelta(hours=3))
    wednesday = [text.body for text in texts if text.at < new_york("2027-02-11", "00:00") and "alcohol" in text.body]
    assert wednesday == []
    (rules,) = [text for text in texts if "done for today" in text.body]
    assert "no alcohol until 11:00 AM Friday" in rules.body


# An observation that runs long


def test_what_follows_a_dose_counts_from_when_it_really_ended(clinic: Harbor) -> None:
    now, at = new_york("2027-02-01", "10:00"), new_york("2027-02-09", "10:00")
    course = enrolled(clinic, "iv_6", starts_on="2027-02-09", weekdays=(1, 4), now=now)
    (session,) = booked_at(clinic, course, [at], now)
    Life(clinic, course, now).live(at - QUARTER)
    given, left = at + timedelta(minutes=5), new_york("2027-02-09", "12:50")
    dose(session, by=clinic.clive, now=given)
    db.session.commit()
    advance(left)
    assert not [text for text in texts_to(ADA, after=at, until=left) if "done for today" in text.body]
    discharge(session, by=clinic.clive, now=left)
    db.session.commit()
    advance(left)
    (rules,) = texts_to(ADA, after=left - QUARTER, until=left)
    assert "no driving until 12:50 PM Wednesday, no alcohol until 12:50 PM Wednesday" in rules.body
    (rules,) = texts_to(SAM, after=left - QUARTER, until=left)
    assert "Ada should not drive until 12:50 PM Wednesday, or drink alcohol until 12:50 PM Wednesday" in rules.body
    opens, shuts = integration_window(session_facts(session, rules_of(course)))
    assert (opens, shuts) == (left + timedelta(hours=24), left + timedelta(hours=72))
    evening = [each.due_at for each in db.session.scalars(db.select(Reminder).filter_by(kind="safety_check"))]
    assert min(evening) == left + timedelta(hours=4)
