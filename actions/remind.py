"""What is still to be said and asked? The tables are reconciled to what the rules say, inside every verb that changes the facts.

Same key kept, absent ones cancelled, new ones written, anything on its way or sent left alone. Twice changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, select, update

from actions.ask import ask, uninformed
from actions.facts import patient_facts
from actions.reconcile_questions import reconcile_questions
from actions.record import lock
from actions.rows import write_rows
from care.facts import ENDED_WITHOUT_HAPPENING, Part, PatientFacts, Person, Role
from care.hours import SOON
from care.kinds import KINDS, Load
from care.notices import notices
from care.reminders import Wanted, reminders
from care.tasks import TaskCode
from models import Outcome, Patient, Purpose, Reminder, Sender, Session, Stage, db
from models.columns import uuid7

RECONCILED = [name for name, kind in KINDS.items() if kind.number is not None]

Key = tuple[UUID, str, UUID, int, str]


def remind(patient: Patient, *, now: datetime) -> None:
    """Reconcile the reminders and questions of a locked patient to the rules."""
    db.session.flush()
    facts = patient_facts(patient)
    reconcile(patient, facts, [*reminders(facts), *notices(facts)], now=now)
    reconcile_questions(patient, facts, now=now)
    patient.stale = False
    db.session.flush()


def reconcile(patient: Patient, facts: PatientFacts, wants: Iterable[Wanted], *, now: datetime) -> None:
    """The table as the rules want it: in four statements, however many there are."""
    wanted = {_key_of(want): want for want in wants}
    kept = {_key(row): row for row in _kept(patient)}
    _cancel([row for key, row in kept.items() if key not in wanted], facts, now)
    _reinstate([(row, wanted[key]) for key, row in kept.items() if key in wanted], patient)
    _write(patient, [want for key, want in wanted.items() if key not in kept], now)


def remind_stale(clinic_id: UUID, patient_id: UUID, *, now: datetime) -> None:
    """Reconcile one of the patients whom a clinic-wide change left stale, unless somebody was quicker."""
    patient = lock(clinic_id, patient_id)
    if patient.stale:
        remind(patient, now=now)


def stale_all(clinic_id: UUID) -> None:
    """A clinic-wide change: every patient is to be reconciled; the sender passes over them until then."""
    db.session.execute(update(Patient).where(Patient.clinic_id == clinic_id).values(stale=True))


class Kept(NamedTuple):
    """What reconciling has to know of a reminder. A course has hundreds, and they come as columns: objects cost five times."""

    id: UUID
    person_id: UUID
    kind: str
    subject_id: UUID
    repeat: int
    says: str
    stage: str
    outcome: str | None
    message_id: UUID | None
    due_at: datetime
    not_after: datetime


COLUMNS = [getattr(Reminder, name) for name in Kept._fields]


def _kept(patient: Patient) -> list[Kept]:
    return [Kept(*row) for row in db.session.execute(_mine(select(*COLUMNS), patient))]


def _rows(patient: Patient) -> Sequence[Reminder]:
    mine = _mine(select(Reminder), patient)
    return db.session.scalars(mine.execution_options(populate_existing=True)).all()


def _mine(rows: Select[Any], patient: Patient) -> Select[Any]:
    return rows.where(
        Reminder.clinic_id == patient.clinic_id,
        Reminder.patient_id == patient.id,
        Reminder.kind.in_(RECONCILED),
    )


def _key(row: Kept | Reminder) -> Key:
    return (row.person_id, row.kind, row.subject_id, row.repeat, row.says)


def _key_of(want: Wanted) -> Key:
    key = want.key
    return (key.person_id, key.kind, key.subject_id, key.repeat, key.says)


def _cancel(rows: Iterable[Kept], facts: PatientFacts, now: datetime) -> None:
    """Only what has not passed the point of no return: the condition and the row lock settle the race with a sender."""
    ids = [row.id for row in rows if row.stage in (Stage.WAITING, Stage.CLAIMED)]
    if not ids:
        return
    by_reason: dict[str, list[UUID]] = defaultdict(list)
    why = Why(facts)
    said = select(Reminder.id, Reminder.session_id, Reminder.asks).where(Reminder.id.in_(ids))
    for id_, session_id, asks in db.session.execute(said):
        by_reason[why.no_longer(session_id, asks)].append(id_)
    for reason, those in by_reason.items():
        _end(those, (Stage.WAITING, Stage.CLAIMED), Outcome.CANCELLED, reason, now)


class Why:
    """Why the rules no longer want a reminder, for whoever asks later."""

    def __init__(self, facts: PatientFacts) -> None:
        self.sessions = {one.id: one for one in facts.sessions}
        self.answered = {(str(answer.subject_id), answer.version, answer.step.value) for answer in facts.answers}

    def no_longer(self, session_id: UUID | None, asks: Sequence[Mapping[str, Any]]) -> str:
        session = self.sessions.get(session_id) if session_id else None
        if asks and all((each["subject_id"], each["version"], each["step"]) in self.answered for each in asks):
            return "it was answered"
        if session is not None and session.status in ENDED_WITHOUT_HAPPENING:
            return f"the session is {session.status}"
        if session is not None and any(each["version"] != session.version for each in asks):
            return "the session has another time"
        return "what it would have said no longer holds"


def _end(ids: list[UUID], stages: tuple[Stage, ...], outcome: Outcome, reason: str, now: datetime) -> None:
    if not ids:
        return
    db.session.execute(
        update(Reminder)
        .where(Reminder.id.in_(ids), Reminder.stage.in_(stages))
        .values(stage=Stage.ENDED, outcome=outcome, reason=reason, ended_at=now)
        .execution_options(synchronize_session="fetch")
    )


def _reinstate(pairs: Iterable[tuple[Kept, Wanted]], patient: Patient) -> None:
    """What was cancelled unsent and holds again waits again; what waits follows the rules when its moments changed."""
    again = [(row, want) for row, want in pairs if _was_cancelled_unsent(row) or _waits_otherwise(row, want)]
    if not again:
        return
    changed = [_waiting(row, want, patient) for row, want in again]
    db.session.execute(update(Reminder), changed, execution_options={"synchronize_session": None})
    for loaded in [each for each in db.session.identity_map.values() if isinstance(each, Reminder)]:
        db.session.expire(loaded)


def _was_cancelled_unsent(row: Kept) -> bool:
    return row.stage == Stage.ENDED and row.outcome == Outcome.CANCELLED and row.message_id is None


def _waits_otherwise(row: Kept, want: Wanted) -> bool:
    return row.stage == Stage.WAITING and (row.due_at, row.not_after) != (want.due_at, want.not_after)


def _waiting(row: Kept, want: Wanted, patient: Patient) -> dict[str, Any]:
    ended = {"outcome": None, "reason": None, "ended_at": None}
    return {"clinic_id": patient.clinic_id, "id": row.id, "stage": Stage.WAITING, **ended, **_moments(want)}


def _moments(want: Wanted) -> dict[str, Any]:
    return {
        "not_before": want.not_before,
        "due_at": want.due_at,
        "look_at": want.due_at,
        "not_after": want.not_after,
        "why": dict(want.why),
    }


def _write(patient: Patient, wanted: list[Wanted], now: datetime) -> None:
    """New ones go in one statement: a course has hundreds, and rows one by one cost three times as much."""
    if wanted:
        sender_id = sender_of(patient.clinic_id).id
        write_rows(Reminder, [_values(patient, want, sender_id, now) for want in wanted])
        _expire([want for want in wanted if not want.lawful], patient, now)
        _ask_about_alcohol([want for want in wanted if want.key.kind == "alcohol_window"], patient, now)


def _ask_about_alcohol(windows: list[Wanted], patient: Patient, now: datetime) -> None:
    """Nobody could keep a window that had begun before its visit was booked: a person asks."""
    for want in windows:
        session = db.session.get_one(Session, (patient.clinic_id, want.session_ids[0]))
        if session.since > datetime.fromisoformat(want.fills["from"]):
            urgent = _is_near(want, now)
            ask(Role.COORDINATOR, TaskCode.ASK_ALCOHOL, session, subject_id=session.id, now=now, urgent=urgent)


def _expire(wanted: list[Wanted], patient: Patient, now: datetime) -> None:
    """No lawful moment was left when these arose: they never go, and a person acts at once."""
    rows = {_key(row): row for row in _rows(patient)} if wanted else {}
    for want in wanted:
        row = rows[_key_of(want)]
        row.stage, row.outcome, row.ended_at = Stage.ENDED, Outcome.EXPIRED, now
        row.reason = want.why["shifted"]
        uninformed(row, reason=row.reason, now=now, urgent=_is_near(want, now))


def _is_near(want: Wanted, now: datetime) -> bool:
    """Food, drink and alcohol before a visit of the next 24 hours cannot wait for a quiet hour of the staff."""
    starts_at = want.fills.get("starts_at")
    preparing = KINDS[want.key.kind].load is Load.WINDOW and starts_at is not None
    return preparing and datetime.fromisoformat(str(starts_at)) - now < SOON


def sender_of(clinic_id: UUID, purpose: Purpose = Purpose.CARE) -> Sender:
    """The clinic's sender for this purpose."""
    return db.session.execute(
        select(Sender).where(Sender.clinic_id == clinic_id, Sender.purpose == purpose)
    ).scalar_one()


def _values(patient: Patient, want: Wanted, sender_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        "clinic_id": patient.clinic_id,
        "id": uuid7(),
        "patient_id": patient.id,
        **person_columns(want.person),
        "sender_id": sender_id,
        "kind": want.key.kind,
        "subject_id": want.key.subject_id,
        "session_id": want.session_ids[0] if want.session_ids else None,
        "session_ids": [str(session_id) for session_id in want.session_ids],
        "repeat": want.key.repeat,
        "says": want.key.says,
        "fills": dict(want.fills),
        "asks": [ask.to_json() for ask in want.asks],
        "gate": want.gate,
        **_moments(want),
        "made_at": now,
        "stage": Stage.WAITING,
    }


def person_columns(person: Person) -> dict[str, Any]:
    support = person.id if person.part is Part.SUPPORT else None
    return {"person_id": person.id, "part": person.part, "support_person_id": support}
