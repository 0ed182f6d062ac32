"""Is a dose under way watched: nobody forgotten in a chair, nobody sent home too soon without a reason?"""

from datetime import datetime, timedelta

import pytest

from actions.sessions.attend import arrive, discharge, dose
from actions.sessions.confirm import confirm
from actions.sessions.end import defer
from actions.texts.silence import ask_about_absence
from care.facts import Cause, How, Step, Value
from care.refusals import Code, Refused
from jobs.followups import ask_about_absences
from models import RecordEntry, Session, Task, TaskReason, db
from tests.people import Harbor, harbor

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clinic(app: object) -> Harbor:
    return harbor()


@pytest.fixture
def visit(clinic: Harbor) -> Session:
    """Ada's first dose, booked, with every step confirmed."""
    session = clinic.book_all(clinic.enrol_ada())[0]
    assert session.starts_at
    for step in (Step.ATTENDANCE, Step.TRANSPORT, Step.RIDE_TODAY, Step.SUPPORT):
        confirm(session, step, Value.YES, by=clinic.cora, how=How.STAFF, now=session.starts_at)
    db.session.commit()
    return session


def open_reasons(session: Session) -> set[tuple[str, str, bool]]:
    rows = db.session.execute(
        db.select(TaskReason.code, Task.role, Task.urgent)
        .join(Task, (Task.clinic_id == TaskReason.clinic_id) & (Task.id == TaskReason.task_id))
        .where(Task.session_id == session.id, TaskReason.met_at.is_(None))
    )
    return {(code, role, urgent) for code, role, urgent in rows}


def under_way(clinic: Harbor, session: Session, at: datetime) -> None:
    arrive(session, by=clinic.cora, now=at)
    dose(session, by=clinic.clive, now=at)
    db.session.commit()


def look(at: datetime) -> None:
    ask_about_absences(at)
    db.session.expire_all()


def test_who_arrived_and_got_no_dose_is_looked_after_half_an_hour_after_the_start(
    clinic: Harbor, visit: Session
) -> None:
    at = visit.starts_at
    arrive(visit, by=clinic.cora, now=at - 5 * MINUTE)
    db.session.commit()
    look(at + 29 * MINUTE)
    assert open_reasons(visit) == set()
    look(at + 30 * MINUTE)
    assert open_reasons(visit) == {("not_dosed", "clinician", True)}
    look(at + 31 * MINUTE)
    assert db.session.query(TaskReason).filter_by(code="not_dosed").count() == 1


@pytest.mark.parametrize("ends", ["dose", "defer"])
def test_a_dose_or_its_deferral_answers_that_task(clinic: Harbor, visit: Session, ends: str) -> None:
    late = visit.starts_at + 31 * MINUTE
    arrive(visit, by=clinic.cora, now=visit.starts_at)
    ask_about_absence(visit, now=late)
    if ends == "dose":
        dose(visit, by=clinic.clive, now=late)
    else:
        defer(visit, Cause.CLINICAL, "fever", by=clinic.clive, now=late)
    assert "not_dosed" not in {code for code, _, _ in open_reasons(visit)}


def test_who_was_dosed_and_never_seen_leaving_is_looked_for_a_quarter_after_the_end(
    clinic: Harbor, visit: Session
) -> None:
    under_way(clinic, visit, visit.starts_at)
    look(visit.ends_at + 14 * MINUTE)
    assert open_reasons(visit) == set()
    look(visit.ends_at + 15 * MINUTE)
    assert open_reasons(visit) == {("not_discharged", "clinician", True)}
    discharge(visit, by=clinic.clive, now=visit.ends_at + 20 * MINUTE)
    assert open_reasons(visit) == set()


def test_a_late_dose_is_given_its_whole_observation_before_anyone_is_alarmed(clinic: Harbor, visit: Session) -> None:
    under_way(clinic, visit, visit.starts_at + 20 * MINUTE)
    look(visit.ends_at + 34 * MINUTE)
    assert open_reasons(visit) == set()
    look(visit.ends_at + 35 * MINUTE)
    assert open_reasons(visit) == {("not_discharged", "clinician", True)}


def test_nobody_leaves_before_the_observation_is_over(clinic: Harbor, visit: Session) -> None:
    given = visit.starts_at + 10 * MINUTE
    under_way(clinic, visit, given)
    over = given + timedelta(minutes=120)
    with pytest.raises(Refused) as refused:
        discharge(visit, by=clinic.clive, now=over - MINUTE)
    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.data) == (Code.OBSERVATION_NOT_OVER, {"until": over})
    discharge(visit, by=clinic.clive, now=over)
    assert visit.status == "discharged"


def test_an_early_discharge_needs_a_reason_which_the_record_keeps(clinic: Harbor, visit: Session) -> None:
    under_way(clinic, visit, visit.starts_at)
    discharge(visit, by=clinic.clive, now=visit.starts_at + 10 * MINUTE, reason="went by ambulance")
    db.session.commit()
    entry = db.session.scalars(db.select(RecordEntry).where(RecordEntry.verb == "discharge")).one()
    assert entry.reason == "went by ambulance"
