"""Which sessions does a course begin with? The plan of its protocol, written as planned sessions."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

from actions.facts import rules_of
from care.course.plan import PlannedSession, Preferences
from care.course.plan import plan as planned_by
from care.protocol import Protocol
from models import Clinic, Course, Session, db
from models.columns import uuid7


def plan(course: Course, *, now: datetime) -> list[Session]:
    """Write the course's planned sessions; none has a time yet."""
    rules, zone = rules_of(course), db.session.get_one(Clinic, course.clinic_id).zone
    wanted = planned_by(rules, course.starts_on, preferences_of(course.preferences), zone)
    ids = {_place(each): uuid7() for each in wanted}
    sessions = [_session(course, rules, each, ids, now) for each in wanted]
    db.session.add_all(sessions)
    db.session.flush()
    return sessions


def preferences_of(stored: Mapping[str, Any]) -> Preferences:
    """`{"weekdays": [1, 4], "around": "10:00"}` as the rules want it; weekdays count from Monday = 0."""
    return Preferences(tuple(stored.get("weekdays", ())), time.fromisoformat(stored.get("around", "10:00")))


def _place(each: PlannedSession) -> tuple[str, int]:
    return each.kind, each.number


def _session(
    course: Course, rules: Protocol, each: PlannedSession, ids: dict[tuple[str, int], UUID], now: datetime
) -> Session:
    return Session(
        clinic_id=course.clinic_id,
        id=ids[_place(each)],
        course_id=course.id,
        patient_id=course.patient_id,
        kind=each.kind,
        number=each.number,
        phase=each.phase,
        setting=rules.setting,
        status="planned",
        version=1,
        since=now,
        target_on=each.target_on,
        earliest_on=each.earliest_on,
        latest_on=each.latest_on,
        of_session_id=ids["dosing", each.of_number] if each.of_number else None,
    )
