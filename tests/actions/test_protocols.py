"""Do courses follow the rules they should, and does a change of rules touch only what is still to come?"""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from actions.facts import patient_facts, rules_of
from actions.protocols.adopt import adopt, decline, preview_adoption
from actions.protocols.overrides import end_override, override, overrides_of, preview_ending, preview_override
from actions.protocols.safety import open_safety_version
from actions.protocols.turn import EffectsAreStale
from actions.protocols.versions import Edit, make_version, newest, versions
from actions.sessions.attend import arrive, discharge, dose
from actions.sessions.confirm import confirm
from actions.sessions.end import cancel
from actions.sessions.readiness import readiness
from care.facts import Cause, How, Step, Value
from care.protocols import ProtocolError
from care.refusals import Code, Refused
from models import Adoption, Outcome, Protocol, RecordEntry, Reminder, Session, Stage, TaskReason, db
from tests.people import NOW, Harbor, harbor

DAY = timedelta(days=1)


@pytest.fixture
def clinic(app: object) -> Harbor:
    return harbor()


def edited(
    clinic: Harbor, *, safety: bool = False, name: str = "iv_6", base: str = "iv_6", **differences: object
) -> Protocol:
    edit = Edit(name, base, differences, safety=safety)
    return make_version(clinic.clinic, edit, reason="we agreed on it", by=clinic.clive, now=NOW)


def given(clinic: Harbor, session: Session) -> None:
    """The dose is given on time and over."""
    start = session.starts_at
    assert start is not None
    for step in (Step.ATTENDANCE, Step.TRANSPORT, Step.RIDE_TODAY, Step.SUPPORT):
        confirm(session, step, Value.YES, by=clinic.cora, how=How.STAFF, now=start)
    arrive(session, by=clinic.cora, now=start)
    dose(session, by=clinic.clive, now=start)
    discharge(session, by=clinic.clive, now=session.ends_at)


def refused(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in error.value.refusals]


def test_a_safety_version_stops_the_next_dose_until_a_clinician_adopts_or_declines(clinic: Harbor) -> None:
    course = clinic.enrol_ada()
    first = clinic.book_all(course)[0]
    start = first.starts_at
    version = edited(clinic, safety=True, observation_minutes=120)
    (reason,) = db.session.scalars(db.select(TaskReason).filter_by(code="safety_version")).all()
    assert reason.detail == "iv_6, version 2: 1 running"
    for step in (Step.ATTENDANCE, Step.TRANSPORT, Step.RIDE_TODAY, Step.SUPPORT):
        confirm(first, step, Value.YES, by=clinic.cora, how=How.STAFF, now=start)
    arrive(first, by=clinic.cora, now=start)
    assert [each.code for each in readiness(first, now=start).stopped] == ["safety_version_open"]
    with pytest.raises(Refused) as error:
        dose(first, by=clinic.clive, now=start)
    assert refused(error) == ["safety_version_open"]

    with pytest.raises(Refused) as error:
        decline(course, reason="later", by=clinic.cora, now=start)
    assert refused(error) == ["wrong_clinician_role"]
    assert decline(course, reason="observed for longer anyway", by=clinic.clive, now=start).id == version.id
    assert open_safety_version(course) is None
    assert reason.met_at is not None
    with pytest.raises(Refused) as error:
        decline(course, reason="again", by=clinic.clive, now=start)
    assert refused(error) == ["nothing_to_decline"]
    dose(first, by=clinic.clive, now=start)

    with pytest.raises(Refused) as error:
        preview_adoption(course, version, now=start)
    assert refused(error) == ["dose_under_way"]  # it ends as it began
    discharge(first, by=clinic.clive, now=first.ends_at)
    third = edited(clinic, safety=True, observation_minutes=180)
    assert open_safety_version(course).id == third.id  # type: ignore[union-attr]
    shown = preview_adoption(course, third, now=first.ends_at)
    adopt(course, third, shown.token, reason="safer", by=clinic.clive, now=first.ends_at)
    assert open_safety_version(course) is None
    assert rules_of(course).observation_minutes == 180
    assert [row.adopted for row in db.session.scalars(db.select(Adoption).order_by(Adoption.id))] == [False, True]


def test_a_course_adopts_a_version_as_it_was_shown_and_its_past_keeps_its_rules(clinic: Harbor) -> None:
    course = clinic.enrol_ada()
    doses = clinic.book_all(course)
    given(clinic, doses[0])
    now = doses[0].ends_at + timedelta(hours=5)
    version = edited(
        clinic,
        phases={"induction": {"sessions": 8, "weeks": 4, "per_week_choices": [2]}},
        spacing={"min_gap_days": 3},
        preparation={"solids_h": 10},
        driving={"hours": 30},
        observation_minutes=90,
    )  # fmt: skip
    shown = preview_adoption(course, version, now=now)
    assert {each.path for each in shown.rules if not each.path.startswith("phases")} == {
        "driving.hours", "observation_minutes", "preparation.solids_h", "spacing.min_gap_days",
    }  # fmt: skip
    added = [(each.kind, each.number, each.after.phase) for each in shown.sessions if each.before is None]  # type: ignore[union-attr]
    assert added == [(kind, number, "induction") for kind in ("dosing", "integration") for number in (7, 8)]
    booked = [each for each in shown.sessions if each.starts_at]
    assert len(booked) == 5
    assert all(each.other_needs for each in booked)
    assert {texts.kind for texts in shown.texts} >= {"prep_bundle", "solids_stop"}
    assert all(texts.new == texts.withdrawn for texts in shown.texts if texts.kind == "solids_stop")
    assert {window.kind for window in shown.windows} == {"solids", "driving"}
    assert not [each for each in shown.windows if doses[0].id in each.session_ids]

    cancel(doses[5], Cause.PATIENT, "away", by=clinic.cora, now=now)
    with pytest.raises(EffectsAreStale) as stale:
        adopt(course, version, shown.token, reason="as agreed", by=clinic.clive, now=now)
    before = unsaid_of(doses[0])
    adopt(course, version, stale.value.effects.token, reason="as agreed", by=clinic.clive, now=now)
    db.session.commit()

    assert course.protocol_id == version.id
    facts = {each.id: each for each in patient_facts(clinic.patient(course)).sessions}
    assert facts[doses[0].id].protocol.driving.hours == 24
    assert facts[doses[1].id].protocol.driving.hours == 30
    assert unsaid_of(doses[0]) == before  # nothing is said anew of what is over
    assert not db.session.scalars(db.select(Reminder).filter_by(outcome=Outcome.EXPIRED)).all()
    rows = db.session.scalars(
        db.select(Session).filter_by(course_id=course.id, kind="dosing").order_by(Session.number)
    ).all()
    to_come = [row for row in rows if row.status in ("planned", "booked")]
    assert [row.number for row in to_come] == [2, 3, 4, 5, 7, 8, 9]  # the sixth was cancelled and replaced
    gaps = [(late.target_on - early.target_on).days for early, late in pairwise(to_come)]
    assert min(gaps) >= 3
    asked = db.session.scalars(db.select(TaskReason).filter_by(code="rules_changed")).all()
    assert {each.subject_id for each in asked} == {row.id for row in doses[1:5]}
    entry = db.session.scalars(db.select(RecordEntry).filter_by(verb="adopt")).one()
    assert (entry.facts["version"], entry.reason) == (2, "as agreed")


def unsaid_of(session: Session) -> list[tuple[object, ...]]:
    rows = db.session.scalars(db.select(Reminder).filter_by(session_id=session.id))
    return sorted((str(row.id), row.stage, str(row.outcome)) for row in rows)


def test_another_protocol_needs_its_phase_named_and_takes_over_what_is_to_come(clinic: Harbor) -> None:
    course = clinic.enrol_ada("spravato_mdsi")
    doses = clinic.book_all(course)
    version = edited(clinic, name="spravato_trd", base="spravato_trd", lapse_days=30)
    with pytest.raises(Refused) as error:
        preview_adoption(course, version, now=NOW)
    (refusal,) = error.value.refusals
    assert (refusal.code, refusal.data["phases"]) == (Code.PHASE_NEEDED, ["induction", "weekly", "maintenance"])
    shown = preview_adoption(course, version, "weekly", now=NOW)
    adopt(course, version, shown.token, reason="it works", by=clinic.clive, now=NOW, phase="weekly")
    assert (course.phase, rules_of(course).name) == ("weekly", "spravato_trd")
    phases = [row.phase for row in doses]
    assert phases == ["weekly"] * 4 + ["maintenance"] * 4  # booked ones beyond the phase are not lost
    assert {each.subject_id for each in db.session.scalars(db.select(TaskReason).filter_by(code="rules_changed"))} <= {
        row.id for row in doses
    }


def test_a_number_is_another_for_one_patient_with_a_reason_and_until_it_is_taken_back(clinic: Harbor) -> None:
    course = clinic.enrol_ada()
    first = clinic.book_all(course)[0]
    for path, value in (
        ("preparation.solids_h", 6),
        ("preparation.solids_h", "24"),
        ("setting", "home"),
        ("spacing.min_gap_days", 4),
    ):
        with pytest.raises(ProtocolError) as wrong:
            preview_override(course, path, value, now=NOW)
        assert wrong.value.fields
    shown = preview_override(course, "preparation.solids_h", 24, now=NOW)
    assert [(each.path, each.before, each.after) for each in shown.rules] == [
        ("preparation.light_meal_h", 6.0, 24.0),
        ("preparation.solids_h", 8.0, 24.0),
    ]
    assert "solids_stop" in {texts.kind for texts in shown.texts}
    assert shown.sessions == ()
    with pytest.raises(Refused) as error:
        override(course, "preparation.solids_h", 24, shown.token, reason="GLP-1", by=clinic.cora, now=NOW)
    assert refused(error) == ["wrong_clinician_role"]
    row, _ = override(course, "preparation.solids_h", 24, shown.token, reason="GLP-1", by=clinic.clive, now=NOW)
    assert stops_eating(first) == first.starts_at - DAY
    with pytest.raises(Refused) as error:
        preview_override(course, "preparation.solids_h", 24, now=NOW)
    assert refused(error) == ["nothing_changes"]

    gap = preview_override(course, "spacing.min_gap_days", 3, now=NOW)
    assert gap.sessions == ()  # Tuesdays and Fridays keep it already, so that nothing is planned otherwise

    version = edited(clinic, preparation={"light_meal_h": 7})
    shown = preview_adoption(course, version, now=NOW)
    adopt(course, version, shown.token, reason="new", by=clinic.clive, now=NOW)
    assert (rules_of(course).preparation.solids_h, rules_of(course).preparation.light_meal_h) == (24, 24)

    longer = preview_override(course, "observation_minutes", 90, now=NOW)
    override(course, "observation_minutes", 90, longer.token, reason="slow to wake", by=clinic.clive, now=NOW)
    assert [each.path for each in overrides_of(course) if each.ended_at is None] == [
        "observation_minutes",
        "preparation.solids_h",
    ]
    ending = preview_ending(row, now=NOW)
    end_override(row, ending.token, reason="stopped the medicine", by=clinic.clive, now=NOW)
    assert stops_eating(first) == first.starts_at - timedelta(hours=8)
    with pytest.raises(Refused) as error:
        preview_ending(row, now=NOW)
    assert refused(error) == ["already_ended"]
    assert row.reason == "GLP-1"


def stops_eating(session: Session) -> datetime:
    """As the text says that still waits."""
    waiting = db.select(Reminder).filter_by(session_id=session.id, kind="solids_stop", stage=Stage.WAITING)
    return datetime.fromisoformat(db.session.scalars(waiting).one().fills["solids_at"])


def test_versions_follow_one_another_and_never_change(clinic: Harbor) -> None:
    second = edited(clinic, preparation={"solids_h": 6, "light_meal_h": 6})
    assert [row.version for row in versions(clinic.clinic, "iv_6")] == [2, 1]
    with pytest.raises(Refused) as error:
        edited(clinic, preparation={"solids_h": 6, "light_meal_h": 6})
    assert refused(error) == ["nothing_changes"]
    with pytest.raises(ProtocolError) as wrong:
        edited(clinic, preparation={"solids_h": 99, "clear_liquid_h": "two"}, version=7, colour="blue")
    assert set(wrong.value.fields) == {"differences.version"}
    with pytest.raises(ProtocolError) as wrong:
        edited(clinic, preparation={"solids_h": 99, "clear_liquid_h": "two"}, colour="blue")
    assert set(wrong.value.fields) == {"preparation.solids_h", "preparation.clear_liquid_h", "colour"}
    with pytest.raises(Refused) as error:
        make_version(
            clinic.clinic, Edit("iv_6", "iv_6", {"lapse_days": 50}, follows=1), reason="x", by=clinic.clive, now=NOW
        )
    assert refused(error) == ["version_superseded"]
    own = edited(
        clinic,
        name="harbor_slow",
        base="iv_6",
        spacing={"min_gap_days": 3},
        phases={"induction": {"per_week_choices": [2]}},
    )
    assert (own.version, own.base, newest(clinic.clinic, "harbor_slow").id) == (1, "iv_6", own.id)  # type: ignore[union-attr]
    course = clinic.enrol_ada("harbor_slow")
    assert rules_of(course).spacing.min_gap_days == 3
    assert second.resolved["preparation"]["solids_h"]["value"] == 6
