"""What do we remember? Every table, and nothing else."""

from flask import Flask

from models import database, sealed
from models.access import IdempotencyKey, Link, LinkPurpose, LoginCode, RefreshToken
from models.clinic import Clinic, OnCall, Purpose, Sender, Staff, Transport
from models.clock import DemoClock
from models.course import Answer, Course, CourseStatus, Protocol, Session
from models.database import db
from models.message import Attempt, Message, Receipt, Reply, Verdict
from models.people import ConsentEvent, Contact, Patient, SupportPerson, SupportState, Topic
from models.record import RecordEntry
from models.reminder import Outcome, Question, QuestionState, Reminder, Stage, Told
from models.resource import Availability, Booking, Resource, ResourceKind
from models.task import Task, TaskReason, TaskState


def init_app(app: Flask) -> None:
    database.init_app(app)
    sealed.init_app(app)


__all__ = [
    "Answer",
    "Attempt",
    "Availability",
    "Booking",
    "Clinic",
    "ConsentEvent",
    "Contact",
    "Course",
    "CourseStatus",
    "DemoClock",
    "IdempotencyKey",
    "Link",
    "LinkPurpose",
    "LoginCode",
    "Message",
    "OnCall",
    "Outcome",
    "Patient",
    "Protocol",
    "Purpose",
    "Question",
    "QuestionState",
    "Receipt",
    "RecordEntry",
    "RefreshToken",
    "Reminder",
    "Reply",
    "Resource",
    "ResourceKind",
    "Sender",
    "Session",
    "Staff",
    "Stage",
    "SupportPerson",
    "SupportState",
    "Task",
    "TaskReason",
    "TaskState",
    "Told",
    "Topic",
    "Transport",
    "Verdict",
    "db",
    "init_app",
]
