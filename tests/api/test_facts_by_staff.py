"""Who may say what happened, and when can it have happened?"""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from actions.sessions.attend import arrive, correct, discharge, dose
from care.facts import Step, Value
from care.refusals import Code, Refused
from models import Session, db
from models.clock import set_care_clock
from tests.api.conftest import booked


@pytest.fixture
def visit(cast):
    """Ada's first dose, booked, with its gates answered; the clock stands at its beginning."""
    path = f"/v1/sessions/{booked(cast)['id']}"
    set_care_clock(cast.dose().starts_at)
    for step in (Step.TRANSPORT, Step.SUPPORT, Step.PRESENT):
        answer = {"value": Value.YES, "version": cast.dose().version}
        cast.cora.put(f"{path}/answers/{step}", answer)
    return path


def codes(answer):
    assert answer.status_code == 409, answer.json
    return [refusal["code"] for refusal in answer.json["refusals"]]


def test_a_coordinator_does_not_take_back_what_a_clinician_said(cast, visit):
    assert cast.cora.post(f"{visit}/arrive").status_code == 200
    assert cast.clive.post(f"{visit}/dose").status_code == 200
    assert codes(cast.cora.post(f"{visit}/correct", {"reason": "pressed by mistake"})) == ["wrong_clinician_role"]
    assert cast.dose().status == "dosed"
    assert cast.clive.post(f"{visit}/correct", {"reason": "pressed by mistake"}).status_code == 200
    assert cast.cora.post(f"{visit}/correct", {"reason": "the wrong patient"}).status_code == 200
    assert cast.dose().status == "booked"


def test_no_door_lets_a_coordinator_give_a_dose_or_discharge(cast, visit):
    session, now = cast.dose(), cast.dose().starts_at
    arrive(session, by=cast.home.cora, now=now)
    with pytest.raises(Refused) as refused:
        dose(session, by=cast.home.cora, now=now)
    assert [each.code for each in refused.value.refusals] == [Code.WRONG_CLINICIAN_ROLE]
    dose(session, by=cast.home.clive, now=now)
    with pytest.raises(Refused):
        discharge(session, by=cast.home.cora, now=session.ends_at)
    with pytest.raises(Refused):
        correct(session, "not so", by=cast.home.cora, now=now)


def test_facts_follow_each_other_and_lie_near_their_visit(cast, visit):
    starts = cast.dose().starts_at
    long_ago = {"at": (starts - timedelta(days=365)).isoformat()}
    assert codes(cast.cora.post(f"{visit}/arrive", long_ago)) == ["out_of_time"]
    set_care_clock(starts + timedelta(minutes=30))
    assert cast.cora.post(f"{visit}/arrive", {"at": (starts + timedelta(minutes=5)).isoformat()}).status_code == 200
    early = cast.clive.post(f"{visit}/dose", {"at": starts.isoformat()})
    assert codes(early) == ["out_of_time"]
    assert early.json["refusals"][0]["data"]["not_before"]["at"].startswith(
        (starts + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")
    )
    assert cast.clive.post(f"{visit}/dose", {"at": (starts + timedelta(minutes=10)).isoformat()}).status_code == 200
    left = {"at": long_ago["at"], "reason": "went by ambulance"}
    assert codes(cast.clive.post(f"{visit}/discharge", left)) == ["out_of_time"]


@pytest.mark.parametrize(
    ("first", "second"), [("arrived_at", "dosed_at"), ("dosed_at", "discharged_at"), ("arrived_at", "discharged_at")]
)
def test_the_database_refuses_facts_that_run_backwards(cast, visit, first, second):
    session = db.session.get_one(Session, (cast.dose().clinic_id, cast.dose().id))
    setattr(session, first, session.starts_at)
    setattr(session, second, session.starts_at - timedelta(minutes=1))
    with pytest.raises(IntegrityError, match="facts_run_forward"):
        db.session.commit()
    db.session.rollback()
