"""How do courses come in from another system? Every line is carried out as it would be, and all of it is kept, or nothing.

A dry run and a real one are the same work: each line in a savepoint of its own, and the whole taken back in the end where
nothing is to be written. So lines that want the same slot are judged against each other, too.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import phonenumbers
from sqlalchemy import ColumnElement, Select, func, select

from actions.courses.enrol import enrol, protocol_rules
from actions.courses.plan import preferences_of
from actions.courses.wish import Enrolment, SupportNamed
from actions.record import Actor
from actions.sessions.book import book
from actions.sessions.slots import slots
from care.course.given import given_warnings, placed
from care.course.slots import SlotWish
from care.facts import SessionKind, Status
from care.importing.decoding import Stream
from care.importing.reading import read
from care.importing.values import BadLine, Complaint, CourseLine, Unreadable
from care.refusals import Code, Refusal, Refused
from care.times import local
from care.words.sayings import say_refusal
from care.words.texts import LANGUAGES
from models import Clinic, Contact, Course, Patient, Resource, Session, db

NEW, THERE, REFUSED = "new", "already_there", "refused"
BROKEN_OFF = "broken_off"  # the file cannot be read on from here
COLUMN_OF = {
    Code.IN_THE_PAST: "starts_on",
    Code.ALREADY_ACTIVE: "patient_ref",
    Code.REF_TAKEN: "external_ref",
    Code.OUT_OF_TIME: "given",
    Code.GIVEN_TWICE: "given",
    Code.OUT_OF_ORDER: "given",
    Code.MORE_THAN_THE_COURSE: "given",
}
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LineDone:
    """What became of one line. `warnings` refuse nothing."""

    line: int
    external_ref: str | None
    state: str
    complaints: tuple[Complaint, ...] = ()
    warnings: tuple[str, ...] = ()
    course_id: UUID | None = None
    planned: int = 0
    given: int = 0
    booked: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    """Every line in order, and whether anything was kept."""

    lines: tuple[LineDone, ...]
    written: bool

    @property
    def complaints(self) -> list[Complaint]:
        return [complaint for each in self.lines for complaint in each.complaints]


def operator(clinic_id: UUID) -> Actor:
    """Somebody at the command line: a coordinator's rights, and no name here."""
    return Actor("coordinator", None, clinic_id)


def import_courses(
    clinic: Clinic, stream: Stream, *, by: Actor, now: datetime, dry_run: bool = False, skip_refused: bool = False
) -> Imported:
    """Enrol every course of a file; with a refused line none, or with `skip_refused` the others.

    A course whose `external_ref` is here already is left as it is, so that importing twice changes nothing. Of the past
    nothing is said; what is booked ahead is told and reminded of like any booking. Raises nothing: what cannot be read is
    a complaint by its line.
    """
    whole = db.session.begin_nested()
    lines = tuple(_lines(clinic, stream, by, now))
    held_up = any(each.state == BROKEN_OFF or (each.state == REFUSED and not skip_refused) for each in lines)
    if dry_run or held_up:
        whole.rollback()
    else:
        whole.commit()
    return Imported(lines, not (dry_run or held_up))


def _lines(clinic: Clinic, stream: Stream, by: Actor, now: datetime) -> Iterator[LineDone]:
    try:
        for each in read(stream, clinic.zone, LANGUAGES, clinic.language):
            yield (
                LineDone(each.line, each.external_ref, REFUSED, each.complaints)
                if isinstance(each, BadLine)
                else (_carried_out(clinic, each, by, now))
            )
    except Unreadable as unreadable:
        yield LineDone(unreadable.complaint.line, None, BROKEN_OFF, (unreadable.complaint,))


def _carried_out(clinic: Clinic, line: CourseLine, by: Actor, now: datetime) -> LineDone:
    there = db.session.scalar(_course_named(clinic, line.external_ref))
    if there is not None:
        return LineDone(line.line, line.external_ref, THERE, course_id=there)
    try:
        with _nothing_kept_in_mind(), db.session.begin_nested():
            return _enrolled(clinic, line, _wish(clinic, line), by, now)
    except Complained as wrong:
        return LineDone(line.line, line.external_ref, REFUSED, tuple(wrong.complaints))


class Complained(Exception):
    """This line cannot be done, for these reasons."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__(", ".join(each.say for each in self.complaints))


@contextmanager
def _nothing_kept_in_mind() -> Iterator[None]:
    """Thousands of lines in one transaction: rows are let go of once they are written."""
    before = set(db.session)
    try:
        yield
    finally:
        for row in set(db.session) - before:
            db.session.expunge(row)


def _enrolled(clinic: Clinic, line: CourseLine, wish: Enrolment, by: Actor, now: datetime) -> LineDone:
    with _complaining(line, None, clinic):
        course = enrol(clinic, wish, by=by, now=now)
    waiting = _waiting(course)
    missing = len(line.booked) - len(waiting)
    if missing > 0:
        raise Complained([Complaint(line.line, "booked", f"{missing} more than the course has sessions ahead")])
    for session, at in zip(waiting, line.booked, strict=False):
        with _complaining(line, "booked", clinic):
            _book(session, at, wish, by, now)
    return LineDone(
        line.line,
        line.external_ref,
        NEW,
        warnings=tuple(_warnings(clinic, line, wish, now)),
        course_id=course.id,
        planned=_count(course, Session.status == Status.PLANNED),
        given=len(line.given),
        booked=len(line.booked),
    )


def _book(session: Session, at: datetime, wish: Enrolment, by: Actor, now: datetime) -> None:
    """The slot at exactly this time, with those whom the patient prefers where they are free."""
    wanted = SlotWish(preferred_ids=wish.resource_ids)
    free = [slot for slot in slots(session, at, at + A_MINUTE, now=now, wish=wanted) if slot.starts_at == at]
    if not free:
        raise Refused([Refusal(Code.SLOT_NOT_OFFERED if at > now else Code.IN_THE_PAST, {"starts_at": at})])
    book(session, free[0], by=by, now=now)


def _waiting(course: Course) -> list[Session]:
    mine = select(Session).where(
        Session.clinic_id == course.clinic_id,
        Session.course_id == course.id,
        Session.kind == SessionKind.DOSING,
        Session.status == Status.PLANNED,
    )
    return list(db.session.scalars(mine.order_by(Session.number)))


def _count(course: Course, which: ColumnElement[bool]) -> int:
    mine = (Session.clinic_id == course.clinic_id, Session.course_id == course.id)
    return db.session.scalar(select(func.count()).select_from(Session).where(*mine, which)) or 0


@contextmanager
def _complaining(line: CourseLine, column: str | None, clinic: Clinic) -> Iterator[None]:
    """Refusals of the rules in words, by the line and where it is known the column."""
    try:
        yield
    except Refused as refused:
        raise Complained(
            Complaint(line.line, column or COLUMN_OF.get(each.code), _say(each, clinic)) for each in refused.refusals
        ) from refused


def _say(refusal: Refusal, clinic: Clinic) -> str:
    at = refusal.data.get("starts_at") or refusal.data.get("at")
    when = f"{local(at, clinic.zone):%Y-%m-%d %H:%M}: " if isinstance(at, datetime) else ""
    return f"{when}{say_refusal(refusal, 'en', clinic.zone)}"


# What a line means here


def _wish(clinic: Clinic, line: CourseLine) -> Enrolment:
    """The line with ids for its names. Raises `Complained` with every name that nobody knows here."""
    found = {each: _resource_id(clinic, each) for each in line.resources}
    wrong = [
        *(Complaint(line.line, "resources", f"nobody is called {name!r} here") for name in found if not found[name]),
        *_wrong_numbers(line),
        *_wrong_protocol(clinic, line),
    ]
    if wrong:
        raise Complained(wrong)
    named = line.support_name and line.support_number
    return Enrolment(
        name=line.name,
        number=line.number,
        protocol=line.protocol,
        starts_on=line.starts_on,
        weekdays=line.weekdays,
        around=line.around,
        resource_ids=tuple(each for each in found.values() if each),
        zone=line.zone,
        language=line.language,
        consented=line.consented,
        supports=(_support(line),) if named else (),
        given=line.given,
        phase=line.phase,
        patient_id=db.session.scalar(_patient_named(clinic, line.patient_ref)),
        patient_ref=line.patient_ref,
        external_ref=line.external_ref,
        source="import",
    )


def _support(line: CourseLine) -> SupportNamed:
    return SupportNamed(line.support_name or "", line.support_number or "", line.support_language)


def _wrong_numbers(line: CourseLine) -> Iterator[Complaint]:
    for column, number in (("number", line.number), ("support_number", line.support_number)):
        if number is not None and not _can_exist(number):
            yield Complaint(line.line, column, f"{number} is not a number that can exist; check the digits")


def _can_exist(number: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return False


def _wrong_protocol(clinic: Clinic, line: CourseLine) -> Iterator[Complaint]:
    try:
        rules = protocol_rules(clinic, line.protocol)
    except KeyError:
        yield Complaint(line.line, "protocol", f"there is no protocol called {line.protocol!r}")
        return
    phases = [phase.name for phase in rules.phases]
    if line.phase is not None and line.phase not in phases:
        yield Complaint(line.line, "phase", f"must be one of: {', '.join(phases)}")


def _warnings(clinic: Clinic, line: CourseLine, wish: Enrolment, now: datetime) -> Iterator[str]:
    rules, wants = protocol_rules(clinic, line.protocol), preferences_of(wish.preferences)
    given = placed(rules, line.given, wants, clinic.zone, now)
    yield from (f"given before: {_say(each, clinic)}" for each in given_warnings(rules, given, clinic.zone))
    if wish.patient_id is None and _shared(clinic, line.number):
        yield "another patient has this number, too"
    if not line.consented:
        yield "no consent: nobody is texted until there is one"


def _shared(clinic: Clinic, number: str) -> bool:
    mine = (
        select(func.count())
        .select_from(Patient)
        .join(Contact, (Contact.clinic_id == Patient.clinic_id) & (Contact.id == Patient.contact_id))
    )
    here = mine.where(Contact.clinic_id == clinic.id, Contact.number_index == Contact.index_of(number))
    return (db.session.scalar(here) or 0) > 1


def _course_named(clinic: Clinic, ref: str) -> Select[UUID]:
    return select(Course.id).where(Course.clinic_id == clinic.id, Course.external_ref == ref)


def _patient_named(clinic: Clinic, ref: str) -> Select[UUID]:
    return select(Patient.id).where(Patient.clinic_id == clinic.id, Patient.external_ref == ref)


def _resource_id(clinic: Clinic, name: str) -> UUID | None:
    return db.session.scalar(select(Resource.id).where(Resource.clinic_id == clinic.id, Resource.name == name))
