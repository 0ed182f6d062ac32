"""What do we remember? Every table, and nothing else."""

from flask import Flask

from models import changes, database, sealed
from models.access import IdempotencyKey, Link, LinkPurpose, LoginCode, RefreshToken
from models.apps import CalendarLink, Call, Endpoint, Reader
from models.changes import Changed, Thing
from models.clinic import Clinic, OnCall, Purpose, Sender, Staff, Transport
from models.clock import DemoClock
from models.courses.course import Course, CourseRequest, CourseStatus, Review
from models.courses.protocol import Adoption, Override, Protocol
from models.courses.session import Answer, Session
from models.database import db
from models.message import Attempt, Message, Receipt, Reply, Verdict
from models.people import ConsentEvent, Contact, Patient, SupportPerson, SupportState, Topic
from models.record import RecordEntry
from models.reminder import Outcome, Question, QuestionState, Reminder, Stage, Told
from models.resource import Availability, Booking, BusyTime, Closure, OtherHours, Resource, ResourceKind
from models.task import Task, TaskReason, TaskState


def init_app(app: Flask) -> None:
    database.init_app(app)
    changes.init_app(app)
    sealed.init_app(app)


__all__ = [
    "Adoption",
    "Answer",
    "Attempt",
    "Availability",
    "Booking",
    "BusyTime",
    "CalendarLink",
    "Call",
    "Changed",
    "Clinic",
    "Closure",
    "ConsentEvent",
    "Contact",
    "Course",
    "CourseRequest",
    "CourseStatus",
    "DemoClock",
    "Endpoint",
    "IdempotencyKey",
    "Link",
    "LinkPurpose",
    "LoginCode",
    "Message",
    "OnCall",
    "OtherHours",
    "Outcome",
    "Override",
    "Patient",
    "Protocol",
    "Purpose",
    "Question",
    "QuestionState",
    "Reader",
    "Receipt",
    "RecordEntry",
    "RefreshToken",
    "Reminder",
    "Reply",
    "Resource",
    "ResourceKind",
    "Review",
    "Sender",
    "Session",
    "Staff",
    "Stage",
    "SupportPerson",
    "SupportState",
    "Task",
    "TaskReason",
    "TaskState",
    "Thing",
    "Told",
    "Topic",
    "Transport",
    "Verdict",
    "db",
    "init_app",
]
