"""Does a support person count only by their own word, and does everyone hear at once when they cannot come?"""

from datetime import datetime, timedelta

import pytest

from actions.courses.support import name_support
from actions.courses.wish import SupportNamed
from actions.record import Actor, lock
from actions.sessions.confirm import Said, accept_invitation, confirm, record_answer
from actions.sessions.readiness import readiness
from actions.texts.silence import ask_about_silence
from care.facts import How, Step, Value
from care.protocol import Gate
from care.readiness import State
from models import Contact, Course, Question, Reminder, Session, SupportPerson, Task, TaskReason, db
from tests.living import send_due, texts_sent
from tests.people import ADA, NOW, SAM, Harbor, harbor

HOUR = timedelta(hours=1)


@pytest.fixture
def clinic(app: object) -> Harbor:
    return harbor()


def at_home(clinic: Harbor, number: str = SAM) -> Course:
    return clinic.enrol_ada("home_seed_2_3w", supports=(SupportNamed("Sam Sample", number),))


def sam_of(course: Course) -> SupportPerson:
    return db.session.scalars(db.select(SupportPerson).filter_by(course_id=course.id)).one()


def sam_says(course: Course, session: Session, step: Step, value: Value, now: datetime) -> None:
    """Sam texts back, from the phone that Sam is known by."""
    sam = sam_of(course)
    said = Said(session.id, session.version, step, value, How.TEXT, sam.id, session.id, sam.contact_id)
    patient = lock(course.clinic_id, course.patient_id)
    record_answer(patient, said, by=Actor("support", sam.id, course.clinic_id), now=now)
    db.session.commit()


def accepted(clinic: Harbor, course: Course, value: Value = Value.YES) -> None:
    sam = sam_of(course)
    accept_invitation(sam, value, by=Actor("support", sam.id, course.clinic_id), how=How.LINK, now=NOW + HOUR)
    db.session.commit()


def open_codes() -> dict[str, bool]:
    """Open reasons, and whether their task is urgent."""
    rows = db.session.execute(
        db.select(TaskReason.code, Task.urgent)
        .join(Task, (Task.clinic_id == TaskReason.clinic_id) & (Task.id == TaskReason.task_id))
        .where(TaskReason.met_at.is_(None))
    )
    return {row.code: row.urgent for row in rows}


def waiting(kind: str, person_id: object) -> list[Reminder]:
    rows = db.session.scalars(db.select(Reminder).filter_by(kind=kind, person_id=person_id, stage="waiting"))
    return list(rows)


def question_of(session: Session, step: Step) -> Question:
    return db.session.scalars(db.select(Question).filter_by(session_id=session.id, step=step)).one()


# A shared phone


def test_a_yes_from_a_shared_phone_asks_for_a_call_and_leaves_the_silence_to_become_a_task(clinic: Harbor) -> None:
    course = at_home(clinic, ADA)
    accepted(clinic, course)
    session = clinic.book_all(course)[0]
    sam_says(course, session, Step.SUPPORT, Value.YES, NOW + 2 * HOUR)
    assert "support_by_call" in open_codes()
    question = question_of(session, Step.SUPPORT)
    ask_about_silence(course.clinic_id, course.patient_id, question.id, now=question.task_at)
    assert "support_unanswered" in open_codes()
    states = {each.step: each.state for each in readiness(session, now=NOW + 3 * HOUR).steps}
    assert states[Step.SUPPORT] is State.WAITING


def test_presence_said_from_a_shared_phone_is_called_about_urgently(clinic: Harbor) -> None:
    course = at_home(clinic, ADA)
    accepted(clinic, course)
    session = clinic.book_all(course)[0]
    sam_says(course, session, Step.PRESENT, Value.YES, session.starts_at - timedelta(minutes=10))
    assert open_codes()["present_by_call"] is True


def test_the_call_is_met_by_what_staff_heard(clinic: Harbor) -> None:
    course = at_home(clinic, ADA)
    accepted(clinic, course)
    session = clinic.book_all(course)[0]
    sam_says(course, session, Step.SUPPORT, Value.YES, NOW + 2 * HOUR)
    confirm(session, Step.SUPPORT, Value.YES, by=clinic.cora, how=How.STAFF, now=NOW + 3 * HOUR)
    assert "support_by_call" not in open_codes()
    assert question_of(session, Step.SUPPORT).state == "answered"


def test_a_yes_from_sams_own_phone_needs_no_call(clinic: Harbor) -> None:
    course = at_home(clinic)
    accepted(clinic, course)
    session = clinic.book_all(course)[0]
    sam_says(course, session, Step.SUPPORT, Value.YES, NOW + 2 * HOUR)
    assert "support_by_call" not in open_codes()
    assert question_of(session, Step.SUPPORT).state == "answered"


# A no


def test_the_patient_hears_at_once_that_their_support_person_cannot_come(clinic: Harbor) -> None:
    course = at_home(clinic)
    accepted(clinic, course)
    session = clinic.book_all(course)[0]
    now = session.starts_at - 47 * HOUR
    sam_says(course, session, Step.SUPPORT, Value.NO, now)
    (told,) = [each for each in waiting("support_confirm", course.patient_id) if each.session_id == session.id]
    assert (told.due_at, told.fills["declined"]) == (now, True)
    assert open_codes()["support_problem"] is True
    send_due(now)
    (heard,) = [text for text in texts_sent() if text.number == ADA and "cannot be there" in text.body]
    assert "212-555-0100" in heard.body
    assert "Reply 1" not in heard.body


def test_who_said_no_is_not_asked_whether_they_are_there(clinic: Harbor) -> None:
    course = at_home(clinic)
    accepted(clinic, course)
    session = clinic.book_all(course)[0]
    sam = sam_of(course)
    about = [each for each in waiting("support_present", sam.id) if each.session_id == session.id]
    assert about
    sam_says(course, session, Step.SUPPORT, Value.NO, session.starts_at - 60 * HOUR)
    assert not [each for each in waiting("support_present", sam.id) if each.session_id == session.id]
    assert open_codes()["support_problem"] is False


def test_a_change_of_mind_before_the_text_went_takes_it_back(clinic: Harbor) -> None:
    course = at_home(clinic)
    accepted(clinic, course)
    session = clinic.book_all(course)[0]
    now = session.starts_at - 60 * HOUR
    sam_says(course, session, Step.SUPPORT, Value.NO, now)
    sam_says(course, session, Step.SUPPORT, Value.YES, now + timedelta(seconds=30))
    assert not [each for each in waiting("support_confirm", course.patient_id) if each.fills.get("declined")]


def test_the_patient_hears_at_once_that_an_invitation_was_declined(clinic: Harbor) -> None:
    course = at_home(clinic)
    accepted(clinic, course, Value.NO)
    (told,) = waiting("support_invite", course.patient_id)
    assert (told.due_at, told.fills) == (NOW + HOUR, {"declined": True})
    send_due(NOW + HOUR)
    (heard,) = [text for text in texts_sent() if text.number == ADA and "name someone else" in text.body]
    assert "cannot do it" in heard.body
    assert "invitation_problem" in open_codes()


def test_who_is_named_next_stands_by_the_sessions_of_who_declined(clinic: Harbor) -> None:
    course = at_home(clinic)
    session = clinic.book_all(course)[0]
    accepted(clinic, course, Value.NO)
    lee = name_support(course, SupportNamed("Lee Sample", "+12125550122"), by=clinic.cora, now=NOW + 2 * HOUR)
    assert session.support_person_id == lee.id


# Where somebody lives


def test_a_support_person_lives_where_the_patient_does_unless_said_otherwise(clinic: Harbor) -> None:
    course = clinic.enrol_ada(zone="America/Los_Angeles")
    sam = sam_of(course)
    assert db.session.get_one(Contact, (sam.clinic_id, sam.contact_id)).zone == "America/Los_Angeles"


# Nobody named


def test_at_the_clinic_without_anyone_named_nobody_is_asked_for_a_support_person(clinic: Harbor) -> None:
    course = clinic.enrol_ada("spravato_trd", supports=())
    session = clinic.book_all(course)[0]
    assert Step.SUPPORT not in {each.step for each in readiness(session, now=NOW).steps}
    assert db.session.query(Question).filter_by(session_id=session.id, step=Step.SUPPORT).count() == 0


def test_at_home_a_support_person_is_always_needed(clinic: Harbor) -> None:
    course = clinic.enrol_ada("home_seed_2_3w", supports=())
    session = clinic.book_all(course)[0]
    gates = {each.step: each.gate for each in readiness(session, now=NOW).steps}
    assert gates[Step.SUPPORT] is Gate.HARD
    assert question_of(session, Step.SUPPORT).task_code == "support_missing"
