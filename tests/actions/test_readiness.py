"""Is a session ready only when nothing that was said, or could not be said, speaks against it?"""

from datetime import timedelta

import pytest

from actions.ask import ask, close
from actions.sessions.confirm import confirm
from actions.sessions.end import cancel
from actions.sessions.readiness import board, readiness
from care.facts import Cause, How, Role, Step, Value
from care.readiness import Verdict
from care.times import local_date
from models import Session, db
from tests.living import text_back
from tests.people import ADA, NOW, Harbor, harbor


@pytest.fixture
def clinic(app: object) -> Harbor:
    return harbor()


@pytest.fixture
def visit(clinic: Harbor) -> Session:
    """Ada's first dose, booked, and every step confirmed."""
    session = clinic.book_all(clinic.enrol_ada())[0]
    for step in (Step.ATTENDANCE, Step.TRANSPORT, Step.RIDE_TODAY, Step.SUPPORT):
        confirm(session, step, Value.YES, by=clinic.cora, how=How.STAFF, now=session.starts_at)
    db.session.commit()
    return session


def test_a_problem_told_in_free_words_on_the_eve_makes_a_ready_session_wait(clinic: Harbor, visit: Session) -> None:
    eve = visit.starts_at - timedelta(hours=18)
    assert readiness(visit, now=eve).verdict is Verdict.READY
    text_back(clinic, ADA, "hm, the thing with my cousin fell through", eve)
    judged = readiness(visit, now=eve)
    assert judged.verdict is Verdict.WAITING
    assert [each.code for each in judged.unsettled] == ["unclear_reply"]
    (line,) = board(visit.clinic_id, local_date(visit.starts_at, "America/New_York"), now=eve)
    assert line.readiness.verdict is Verdict.WAITING


def test_what_a_person_has_settled_keeps_nobody_waiting(clinic: Harbor, visit: Session) -> None:
    task = ask(Role.COORDINATOR, "not_told", visit, subject_id=visit.id, step="solids_stop", now=visit.starts_at)
    assert readiness(visit, now=visit.starts_at).verdict is Verdict.WAITING
    close(task, by=clinic.cora, now=visit.starts_at)
    assert readiness(visit, now=visit.starts_at).verdict is Verdict.READY


def test_a_cancelled_session_is_not_ready_for_anything(clinic: Harbor, visit: Session) -> None:
    cancel(visit, Cause.PATIENT, "away", by=clinic.cora, now=NOW)
    assert readiness(visit, now=NOW).verdict is None
