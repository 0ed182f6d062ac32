"""What needs a person, what was said, and why? The board, tasks, texts, reminders and the record, for staff."""

from operator import itemgetter
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from actions.ask import close
from actions.sessions.readiness import board
from actions.texts.shown import bodies_for_staff
from api.auth import caller, staff
from api.contract.blueprint import Blueprint
from api.contract.documented import says
from api.contract.problems import REFUSED, Problem
from api.editions import etag, expects_edition, judge_edition
from api.pages import USUAL, cursor_of, page
from api.reach import find, reachable
from api.shapes.sessions import PatientListQuery
from api.shapes.worklist import (
    BoardQuery,
    BoardShown,
    MessageList,
    RecordShown,
    ReminderList,
    TaskClosing,
    TaskList,
    TaskQuery,
    TaskShown,
)
from care.times import local_date
from models import Message, Patient, RecordEntry, Reminder, Reply, Task, TaskState, db

worklist = Blueprint("worklist", "The board, tasks, texts, reminders and the record")


@worklist.route("/board")
@staff
@worklist.arguments(BoardQuery, location="query")
@worklist.response(200, BoardShown)
def get_board(query: dict[str, Any]) -> dict[str, Any]:
    """A day's sessions with their readiness

    In order of time: who is ready, who is not and why, who must act.
    """
    clinic = caller().clinic
    day = query.get("day", local_date(g.now, clinic.zone))
    lines = board(clinic.id, day, now=g.now)
    return {
        "day": day,
        "items": [
            {"session": line.session, "patient_name": line.patient.name, "readiness": line.readiness} for line in lines
        ],
    }


@worklist.route("/tasks")
@staff
@worklist.arguments(TaskQuery, location="query")
@worklist.response(200, TaskList)
def list_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """The worklist

    Open tasks, or closed ones, with their reasons. There is one open task per session and role: reasons are added to it.
    """
    found = reachable(Task).where(Task.state == query["state"])
    if "role" in query:
        found = found.where(Task.role == query["role"])
    if "patient" in query:
        found = found.where(Task.patient_id == query["patient"])
    return page(Task, found.options(selectinload(Task.reasons)), query)


@worklist.route("/tasks/<uuid:task_id>")
@staff
@says(404)
@worklist.response(200, TaskShown)
def get_task(task_id: UUID) -> tuple[Task, dict[str, str]]:
    """One task with its reasons

    Its ETag grows with the task, so that nobody closes what they did not see.
    """
    task = find(Task, task_id)
    return task, etag(task)


@worklist.route("/tasks/<uuid:task_id>/close", methods=["POST"])
@staff
@says(404, 409)
@expects_edition
@worklist.arguments(TaskClosing)
@worklist.response(200, TaskShown)
def close_task(given: dict[str, Any], task_id: UUID) -> tuple[Task, dict[str, str]]:
    """Close a task

    Somebody looked after it. A reason that comes up again opens a new one.
    """
    task = find(Task, task_id)
    db.session.refresh(task, with_for_update=True)
    judge_edition(task)
    if task.state != TaskState.OPEN:
        raise Problem(REFUSED, "This task is closed already.", refusals=[])
    close(task, by=caller().actor, now=g.now, reason=given["reason"])
    return task, etag(task)


@worklist.route("/messages")
@staff
@says(404)
@worklist.arguments(PatientListQuery, location="query")
@worklist.response(200, MessageList)
def list_messages(query: dict[str, Any]) -> dict[str, Any]:
    """The texts to and from a patient and their people

    Both ways, oldest first, with what became of ours and how theirs were understood. The digits of a login code are
    hidden: they are the patient's alone.
    """
    patient = find(Patient, query["patient"])
    most = query.get("limit", USUAL)
    both = [*_sent(patient, query, most + 1), *_received(patient, query, most + 1)]
    both.sort(key=itemgetter("id"))
    return {"items": both[:most], "next": str(both[most - 1]["id"]) if len(both) > most else None}


@worklist.route("/reminders")
@staff
@says(404)
@worklist.arguments(PatientListQuery, location="query")
@worklist.response(200, ReminderList)
def list_reminders(query: dict[str, Any]) -> dict[str, Any]:
    """Every reminder of a patient and their people

    Waiting, sent or ended, each with its outcome and why it is due when it is.
    """
    patient = find(Patient, query["patient"])
    return page(Reminder, reachable(Reminder).where(Reminder.patient_id == patient.id), query)


@worklist.route("/record")
@staff
@says(404)
@worklist.arguments(PatientListQuery, location="query")
@worklist.response(200, RecordShown)
def read_record(query: dict[str, Any]) -> dict[str, Any]:
    """The record of a patient

    Who did what, when and why; nothing in it is ever changed.
    """
    patient = find(Patient, query["patient"])
    return page(RecordEntry, reachable(RecordEntry).where(RecordEntry.patient_id == patient.id), query)


def _sent(patient: Patient, query: dict[str, Any], most: int) -> list[dict[str, Any]]:
    rows = db.session.scalars(
        _after(Message, reachable(Message).where(Message.patient_id == patient.id), query, most)
    ).all()
    kinds, bodies = _kinds_in([row.id for row in rows]), bodies_for_staff(patient.clinic_id, rows)
    return [
        {
            "id": row.id, "direction": "out", "at": row.sent_at or row.made_at, "body": bodies[row.id],
            "stage": row.stage,
            "outcome": row.outcome, "meaning": None, "kinds": kinds.get(row.id, []),
        }
        for row in rows
    ]  # fmt: skip


def _received(patient: Patient, query: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """Replies from every number that texts about this patient went to, and from their own."""
    written_to = select(Message.contact_id).where(
        Message.clinic_id == patient.clinic_id, Message.patient_id == patient.id
    )
    theirs = reachable(Reply).where((Reply.contact_id == patient.contact_id) | Reply.contact_id.in_(written_to))
    rows = db.session.scalars(_after(Reply, theirs, query, most)).all()
    return [
        {
            "id": row.id, "direction": "in", "at": row.received_at, "body": row.body, "stage": None, "outcome": None,
            "meaning": row.meaning, "kinds": [],
        }
        for row in rows
    ]  # fmt: skip


def _after(table: Any, rows: Select[Any], query: dict[str, Any], most: int) -> Select[Any]:
    if "after" in query:
        rows = rows.where(table.id > cursor_of(query))
    return rows.order_by(table.id).limit(most)


def _kinds_in(message_ids: list[UUID]) -> dict[UUID, list[str]]:
    """Kinds by message, in one question for the whole page."""
    found: dict[UUID, list[str]] = {}
    rows = select(Reminder.message_id, Reminder.kind).where(
        Reminder.clinic_id == caller().clinic.id, Reminder.message_id.in_(message_ids)
    )
    for message_id, kind in db.session.execute(rows.order_by(Reminder.id)):
        if message_id is not None:
            found.setdefault(message_id, []).append(kind)
    return found
