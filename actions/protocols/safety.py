"""Which courses wait for a clinician to adopt or decline a safety version of their protocol?"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import aliased

from actions.ask import ask, meet
from care.facts import Role
from care.refusals import Code, Refusal
from care.tasks import TaskCode
from models import Adoption, Clinic, Course, CourseStatus, Protocol, db

RUNNING = (CourseStatus.ACTIVE, CourseStatus.PAUSED)


def open_safety_version(course: Course) -> Protocol | None:
    """The newest safety version of the course's protocol that nobody has adopted or declined for it."""
    newest = db.session.execute(_open(Course.clinic_id == course.clinic_id, Course.id == course.id)).all()[-1:]
    return db.session.get_one(Protocol, (course.clinic_id, newest[0].protocol_id)) if newest else None


def safety_refusals(course: Course) -> list[Refusal]:
    """Why the course gives no dose: its safety version, while it waits."""
    version = open_safety_version(course)
    return [_refusal(version.id, version.name, version.version)] if version else []


def safety_stops(clinic_id: UUID, patient_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, Refusal]]:
    """The same of all courses of these patients, by patient and course, in one statement."""
    waiting = _open(Course.clinic_id == clinic_id, Course.patient_id.in_(set(patient_ids)))
    found: dict[UUID, dict[UUID, Refusal]] = {}
    for row in db.session.execute(waiting):
        found.setdefault(row.patient_id, {})[row.course_id] = _refusal(row.protocol_id, row.name, row.version)
    return found


def ask_to_adopt(clinic: Clinic, version: Protocol, *, now: datetime) -> None:
    """One task for the clinic while running courses wait for a safety version."""
    count = len(waiting_for(version))
    if count:
        said = f"{version.name}, version {version.version}: {count} running"
        ask(Role.CLINICIAN, TaskCode.SAFETY_VERSION, clinic, subject_id=version.id, now=now, detail=said, urgent=True)


def meet_if_none_waits(clinic: Clinic, version: Protocol, *, now: datetime) -> None:
    """The last course has its answer."""
    if not waiting_for(version):
        meet(clinic.id, version.id, how="adopted or declined", now=now, code=TaskCode.SAFETY_VERSION)


def waiting_for(version: Protocol) -> list[UUID]:
    """The running courses that wait for this safety version."""
    waiting = _open(Course.clinic_id == version.clinic_id, Course.status.in_(RUNNING))
    return [row.course_id for row in db.session.execute(waiting) if row.protocol_id == version.id]


def _open(*which: ColumnElement[bool]) -> Select[UUID, UUID, UUID, str, int]:
    """Safety versions newer than the pinned one and than what was declined, the newest last."""
    pinned, declined = aliased(Protocol), aliased(Protocol)
    answered = (
        select(Adoption.id)
        .join(declined, and_(declined.clinic_id == Adoption.clinic_id, declined.id == Adoption.protocol_id))
        .where(
            Adoption.clinic_id == Course.clinic_id,
            Adoption.course_id == Course.id,
            Adoption.adopted.is_(False),
            declined.name == Protocol.name,
            declined.version >= Protocol.version,
        )
        .correlate(Course, Protocol)
    )
    return (
        select(
            Course.patient_id,
            Course.id.label("course_id"),
            Protocol.id.label("protocol_id"),
            Protocol.name,
            Protocol.version,
        )
        .select_from(Course)
        .join(pinned, and_(pinned.clinic_id == Course.clinic_id, pinned.id == Course.protocol_id))
        .join(Protocol, and_(Protocol.clinic_id == Course.clinic_id, Protocol.name == pinned.name))
        .where(*which, Protocol.safety.is_(True), Protocol.version > pinned.version, ~answered.exists())
        .order_by(Course.id, Protocol.version)
    )


def _refusal(protocol_id: UUID, name: str, version: int) -> Refusal:
    return Refusal(Code.SAFETY_VERSION_OPEN, {"protocol": name, "version": version, "protocol_id": str(protocol_id)})
