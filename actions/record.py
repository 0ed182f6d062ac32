"""Who is acting, on whose row, and how is it remembered?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from actions.calls import call_backends
from models import Patient, RecordEntry, db
from models.changes import number

STAFF = frozenset({"coordinator", "clinician"})


class Verb(StrEnum):
    """What was done, as the record and the changes that clients read name it: always the deed, never the state."""

    ENROL = "enrol"
    NAME_SUPPORT = "name_support"
    BOOK = "book"
    HOLD = "hold"
    RELEASE = "release"
    MOVE = "move"
    RESEAT = "reseat"
    CANCEL = "cancel"
    OMIT = "omit"
    DEFER = "defer"
    MISS = "miss"
    ADD = "add"
    ARRIVE = "arrive"
    DOSE = "dose"
    DISCHARGE = "discharge"
    ATTEND = "attend"
    CORRECT = "correct"
    CONFIRM = "confirm"
    GO_ELSEWHERE = "go_elsewhere"
    COME_BACK = "come_back"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    CLOSE_TASK = "close_task"
    OPEN_CLINIC = "open_clinic"
    SEND_LOGIN_CODE = "send_login_code"
    SIGN_IN = "sign_in"
    NAME_ON_CALL = "name_on_call"
    SWITCH_SAFETY_CHECK = "switch_safety_check"
    ADD_ENDPOINT = "add_endpoint"
    RENEW_ENDPOINT = "renew_endpoint"
    END_ENDPOINT = "end_endpoint"
    SHARE_CALENDAR = "share_calendar"
    END_CALENDAR = "end_calendar"
    PAUSE = "pause"
    RESUME = "resume"
    DISCONTINUE = "discontinue"
    COMPLETE = "complete"
    CALL_FOR_REVIEW = "call_for_review"
    REVIEW = "review"
    ADVANCE = "advance"
    SET_CADENCE = "set_cadence"
    PLAN = "plan"
    ASK_FOR_SESSION = "ask_for_session"
    DECIDE_REQUEST = "decide_request"
    ADD_RESOURCE = "add_resource"
    CHANGE_RESOURCE = "change_resource"
    RETIRE_RESOURCE = "retire_resource"
    SET_HOURS = "set_hours"
    SET_OTHER_HOURS = "set_other_hours"
    CLOSE = "close"
    LIFT_CLOSURE = "lift_closure"
    EDIT_PROTOCOL = "edit_protocol"
    ADOPT = "adopt"
    DECLINE = "decline"
    OVERRIDE = "override"
    END_OVERRIDE = "end_override"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `kind` is patient, support, coordinator, clinician or system (which has no id)."""

    kind: str
    id: UUID | None
    clinic_id: UUID

    @property
    def is_staff(self) -> bool:
        return self.kind in STAFF


def system(clinic_id: UUID) -> Actor:
    """What happens by itself."""
    return Actor("system", None, clinic_id)


def lock(clinic_id: UUID, patient_id: UUID) -> Patient:
    """The patient's row, locked to the end of the transaction. Every verb that changes a patient's facts begins so."""
    return db.session.execute(Patient.locked(clinic_id, patient_id)).scalar_one()


def note(
    verb: Verb,
    *,
    by: Actor,
    now: datetime,
    patient: Patient | None = None,
    subject_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> RecordEntry:
    """Write what happened in the same transaction; for a (locked) patient it gets the next change number.

    What the verb touched is named by it, and the clinic's app backends will hear of it.
    """
    if patient is not None:
        number(patient)
        call_backends(patient, now=now)
    entry = RecordEntry(
        clinic_id=by.clinic_id,
        at=now,
        verb=verb,
        actor_kind=by.kind,
        actor_id=by.id,
        patient_id=patient.id if patient else None,
        change_no=patient.change_no if patient else None,
        subject_id=subject_id,
        facts={name: _plain(value) for name, value in (facts or {}).items()},
        reason=reason,
    )
    db.session.add(entry)
    return entry


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
