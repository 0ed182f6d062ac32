"""What waits for a person, the urgent first, and with which words to act on it?"""

from dataclasses import dataclass
from uuid import UUID

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from actions.ask import close
from models import Patient, Reply, Session, Task, TaskReason, db
from web import rows, show
from web.auth import staff
from web.forms import Form
from web.pages import pages
from web.rows import Said
from web.trouble import again

LATEST = 6


@dataclass(frozen=True, slots=True)
class Item:
    """One task as the worklist shows it: whom to call at which number, and what was said when that has to be read."""

    task: Task
    patient: Patient | None
    session: Session | None
    reasons: list[TaskReason]
    talk: list[Said]
    numbers: list[tuple[str, str]]


@pages.get("/console/tasks")
@staff
def worklist() -> str:
    items = [_item(task) for task in rows.open_tasks(g.who.clinic_id)]
    return show.console("worklist.html", items=items)


@pages.post("/console/tasks/<uuid:task_id>/close")
@staff
@again(worklist)
def close_task(task_id: UUID) -> Response:
    form = Form(request.form)
    reason = form.words_or_none("reason", most=500)
    form.refuse_if_wrong()
    close(rows.own(Task, task_id), by=g.who, now=g.now, reason=reason)
    return redirect(url_for("pages.worklist", done="close"), 303)


def _item(task: Task) -> Item:
    patient = db.session.get(Patient, (task.clinic_id, task.patient_id)) if task.patient_id else None
    visit = db.session.get(Session, (task.clinic_id, task.session_id)) if task.session_id else None
    open_reasons = [reason for reason in task.reasons if reason.met_at is None]
    return Item(task, patient, visit, open_reasons, _talk(task, open_reasons), _numbers(patient))


def _numbers(patient: Patient | None) -> list[tuple[str, str]]:
    people: list[rows.Person] = [patient, *rows.standing_by(patient)] if patient else []
    return [(person.name, rows.contact_of(person).number) for person in people]


def _talk(task: Task, reasons: list[TaskReason]) -> list[Said]:
    """The last texts with whoever wrote what is to be read."""
    replies = [db.session.get(Reply, (task.clinic_id, reason.subject_id)) for reason in reasons]
    contacts = {reply.contact_id for reply in replies if reply is not None and reply.contact_id is not None}
    return rows.conversation(task.clinic_id, contacts, most=LATEST) if contacts else []
