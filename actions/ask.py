"""What should a person look at? One open task per session and role; reasons are added, and the last one met closes it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from actions.record import Actor, Verb, note
from care.facts import Role
from care.tasks import TaskCode
from models import Clinic, Patient, Reminder, Session, Task, TaskReason, TaskState, db

About = Session | Patient | Clinic


def ask(
    role: Role,
    code: TaskCode,
    about: About,
    *,
    subject_id: UUID,
    now: datetime,
    due_at: datetime | None = None,
    urgent: bool = False,
    detail: str | None = None,
    step: str | None = None,
) -> Task:
    """Put a reason on the worklist of `role`. The same reason about the same subject is there once."""
    task = _open_task(about, role) or _new_task(about, role, due_at or now, now)
    if found := _reason(task, code, subject_id):
        found.detail = detail or found.detail
    else:
        reason = TaskReason(
            clinic_id=task.clinic_id,
            task_id=task.id,
            code=code,
            subject_id=subject_id,
            step=step,
            detail=detail,
            at=now,
        )
        db.session.add(reason)
    task.due_at = min(task.due_at, due_at or now)
    task.urgent = task.urgent or urgent
    db.session.flush()
    return task


def uninformed(reminder: Reminder, *, reason: str, now: datetime, urgent: bool = False) -> None:
    """This reminder will not reach its person: somebody calls them instead."""
    about: About | None = None
    if reminder.session_id is not None:
        about = db.session.get(Session, (reminder.clinic_id, reminder.session_id))
    about = about or db.session.get_one(Patient, (reminder.clinic_id, reminder.patient_id))
    ask(
        Role.COORDINATOR,
        TaskCode.NOT_TOLD,
        about,
        subject_id=reminder.id,
        step=reminder.kind,
        detail=reason,
        urgent=urgent,
        now=now,
    )


def meet(clinic_id: UUID, subject_id: UUID, *, how: str, now: datetime, code: TaskCode | None = None) -> None:
    """What these reasons asked for has happened; a task whose last reason is met closes itself."""
    unmet = select(TaskReason).where(
        TaskReason.clinic_id == clinic_id, TaskReason.subject_id == subject_id, TaskReason.met_at.is_(None)
    )
    if code is not None:
        unmet = unmet.where(TaskReason.code == code)
    for reason in db.session.scalars(unmet).all():
        reason.met_at, reason.met_how = now, how
        db.session.flush()
        _close_if_met(clinic_id, reason.task_id, now)


def close(task: Task, *, by: Actor, now: datetime, reason: str | None = None) -> None:
    """A person looked after it: whatever was still open on it counts as met by them."""
    for open_reason in db.session.scalars(_unmet(task.clinic_id, task.id)).all():
        open_reason.met_at, open_reason.met_how = now, f"closed by {by.kind}"
    _shut(task, now)
    note(Verb.CLOSE_TASK, by=by, now=now, subject_id=task.id, facts={"role": task.role}, reason=reason)


def _open_task(about: About, role: Role) -> Task | None:
    if isinstance(about, Clinic):  # a session or patient is already locked; the clinic is locked here
        db.session.execute(select(Clinic.id).where(Clinic.id == about.id).with_for_update())
    clinic_id = about.id if isinstance(about, Clinic) else about.clinic_id
    same = select(Task).where(
        Task.clinic_id == clinic_id, Task.about_id == about.id, Task.role == role, Task.state == TaskState.OPEN
    )
    return db.session.scalar(same)


def _new_task(about: About, role: Role, due_at: datetime, now: datetime) -> Task:
    task = Task(
        clinic_id=about.id if isinstance(about, Clinic) else about.clinic_id,
        role=role,
        about_id=about.id,
        patient_id=_patient_id(about),
        session_id=about.id if isinstance(about, Session) else None,
        due_at=due_at,
        made_at=now,
        urgent=False,
        state=TaskState.OPEN,
    )
    db.session.add(task)
    db.session.flush()
    return task


def _patient_id(about: About) -> UUID | None:
    if isinstance(about, Session):
        return about.patient_id
    return about.id if isinstance(about, Patient) else None


def _reason(task: Task, code: TaskCode, subject_id: UUID) -> TaskReason | None:
    """The same reason, open again if it had been met."""
    found = db.session.scalar(
        select(TaskReason).where(
            TaskReason.clinic_id == task.clinic_id,
            TaskReason.task_id == task.id,
            TaskReason.code == code,
            TaskReason.subject_id == subject_id,
        )
    )
    if found is not None:
        found.met_at = found.met_how = None
    return found


def _unmet(clinic_id: UUID, task_id: UUID) -> Select[TaskReason]:
    return select(TaskReason).where(
        TaskReason.clinic_id == clinic_id, TaskReason.task_id == task_id, TaskReason.met_at.is_(None)
    )


def _close_if_met(clinic_id: UUID, task_id: UUID, now: datetime) -> None:
    if db.session.scalar(_unmet(clinic_id, task_id).limit(1)) is None:
        task = db.session.get_one(Task, (clinic_id, task_id))
        if task.state == TaskState.OPEN:
            _shut(task, now)


def _shut(task: Task, now: datetime) -> None:
    task.state, task.closed_at = TaskState.CLOSED, now
    db.session.flush()
