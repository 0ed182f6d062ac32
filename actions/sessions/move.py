"""How does a booked session change its time? All or nothing, by the plan that was shown.

The move makes the same preview again and compares its token, so that nobody agrees to one plan and gets another.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from actions.ask import ask
from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.sessions.book import free, judged_by_database, take
from actions.sessions.preview import Move, MovePreview, Mover
from care.course.slots import Slot
from care.facts import Role, Status
from care.refusals import Code, Refusal, Refused, refuse_if_any
from care.tasks import TaskCode
from models import Session, db


class PlanIsStale(Refused):
    """The plan changed since it was shown; `preview` is the new one."""

    def __init__(self, preview: MovePreview) -> None:
        super().__init__([Refusal(Code.PLAN_IS_STALE)])
        self.preview = preview


def move(session: Session, slot: Slot, plan_token: str, *, by: Actor, now: datetime, reason: str) -> MovePreview:
    """Carry out the plan that was shown. Raises `Refused` with every reason, `PlanIsStale` when it is no longer the plan."""
    patient = lock(session.clinic_id, session.patient_id)
    db.session.refresh(session)
    mover = Mover(session, patient, now)
    plan = mover.preview(slot, by=by, reason=reason)
    refuse_if_any(plan.refusals)
    if plan.alternative is not None and plan.alternative.token == plan_token:
        plan = plan.alternative
    if plan.token != plan_token:
        raise PlanIsStale(plan)
    carry_out(plan.moves, mover.rows, now=now)
    for each in plan.moves:
        facts = {"was": each.was, "to": each.to}
        note(Verb.MOVE, by=by, now=now, patient=patient, subject_id=each.session_id, facts=facts, reason=reason)
    remind(patient, now=now)
    return plan


def carry_out(moves: Iterable[Move], rows: Mapping[UUID, Session], *, now: datetime) -> None:
    """All that change give their places back before any takes its new one: they may pass through each other's."""
    moves = tuple(moves)
    for each in moves:
        _lift(rows[each.session_id], now)
    for each in moves:
        if each.slot is not None:
            with judged_by_database(each.slot.starts_at):
                take(rows[each.session_id], each.slot, now=now)
    for each in moves:
        if each.slot is not None:
            continue
        row = rows[each.session_id]
        ask(Role.COORDINATOR, TaskCode.NOWHERE_TO_GO, row, subject_id=row.id, now=now)


def _lift(row: Session, now: datetime) -> None:
    """Out of its time; the version grows here, once, for wherever it goes."""
    free(row, now=now)
    row.status, row.since, row.version = Status.PLANNED, now, row.version + 1
    row.starts_at = row.ends_at = row.arrive_at = None
    db.session.flush()
