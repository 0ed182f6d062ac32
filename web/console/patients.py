"""Who is treated here, and how does one patient's whole course stand?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from actions.courses.support import name_support
from actions.courses.wish import SupportNamed
from actions.facts import patient_facts, rules_of, sessions_of
from actions.sessions.readiness import readiness
from care.course.coming import coming
from care.windows import windows_now
from models import Course, Patient, RecordEntry, Session, Stage
from web import rows, show, words
from web.auth import staff
from web.forms import Form
from web.pages import pages
from web.say import Times
from web.trouble import again

LATEST_TEXTS, LATEST_ENTRIES = 60, 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the record in words; `to` is the time it gave a session."""

    at: datetime
    change_no: int | None
    who: str
    did: str
    session: Session | None
    step: str | None
    said: str | None
    to: datetime | None
    reason: str | None


@pages.get("/console/patients")
@staff
def patients() -> str:
    wanted = request.args.get("name", "").strip().casefold()
    named = [(row.name, row) for row in rows.patients(g.who.clinic_id)]
    found = sorted((name, str(row.id), row) for name, row in named if wanted in name.casefold())
    return show.console("patients.html", found=[row for _, _, row in found], wanted=request.args.get("name", ""))


@pages.get("/console/patients/<uuid:patient_id>")
@staff
def patient(patient_id: UUID) -> str:
    person = rows.own(Patient, patient_id)
    facts = patient_facts(person)
    sessions, supports, courses = sessions_of(person), rows.supports(person), rows.courses(person)
    ahead, reminders, contact_names = coming(sessions, g.now), rows.reminders(person), _contact_names(person)
    return show.console(
        "patient.html",
        patient=person,
        contact=rows.contact_of(person),
        courses=[(course, rules_of(course)) for course in courses],
        sessions=_by_course(courses, sessions),
        coming=ahead,
        readiness=readiness(ahead, now=g.now) if ahead else None,
        in_force=windows_now(facts.sessions, facts.clinic.zone, g.now),
        supports=[(row, rows.contact_of(row)) for row in supports],
        coming_up=[row for row in reversed(reminders) if row.stage != Stage.ENDED],
        said=[row for row in reminders if row.stage == Stage.ENDED],
        texts=rows.conversation(person.clinic_id, contact_names, most=LATEST_TEXTS, patient_id=person.id),
        names={row.id: row.name for row in rows.people(person)},
        contact_names=contact_names,
        about={each.id: each for each in sessions},
        record=_record(person, sessions),
        back=url_for("pages.patient", patient_id=patient_id),
    )


@pages.post("/console/patients/<uuid:patient_id>/courses/<uuid:course_id>/support")
@staff
@again(patient)
def name_support_person(patient_id: UUID, course_id: UUID) -> Response:
    form = Form(request.form)
    named = support_in(form)
    form.refuse_if_wrong()
    course = rows.own(Course, course_id)
    if course.patient_id != patient_id:
        abort(404)
    name_support(course, named, by=g.who, now=g.now)
    return redirect(url_for("pages.patient", patient_id=patient_id, done="support"), 303)


def support_in(form: Form) -> SupportNamed:
    """The support person a form names."""
    return SupportNamed(
        form.person("support_name"),
        form.number("support_number"),
        form.one_of("support_language", ("en", "es")),
        form.zone_or_none("support_zone"),
    )


def _by_course(courses: list[Course], sessions: list[Session]) -> Mapping[UUID, list[Session]]:
    """Each course's sessions in order of their time, those without one where they were meant to be."""
    zone = rows.own_clinic().zone
    times = Times(zone)

    def place(each: Session) -> tuple[str, str, int]:
        day = times.local_date(each.starts_at) if each.starts_at else each.target_on
        return (day.isoformat(), each.starts_at.isoformat() if each.starts_at else "", each.number)

    return {
        course.id: sorted((each for each in sessions if each.course_id == course.id), key=place) for course in courses
    }


def _record(person: Patient, sessions: list[Session]) -> list[Entry]:
    staff, about = rows.staff_names(person.clinic_id), {each.id: each for each in sessions}
    return [_entry(row, staff, about) for row in rows.record(person, LATEST_ENTRIES)]


def _entry(row: RecordEntry, staff_names: dict[UUID, str], about: dict[UUID, Session]) -> Entry:
    to = row.facts.get("to") or row.facts.get("starts_at")
    return Entry(
        row.at,
        row.change_no,
        (staff_names.get(row.actor_id) if row.actor_id else None) or words.ACTOR.get(row.actor_kind, row.actor_kind),
        words.RECORD.get(row.verb) or words.plain(row.verb),
        about.get(row.subject_id) if row.subject_id else None,
        row.facts.get("step"),
        row.facts.get("value"),
        datetime.fromisoformat(to) if to else None,
        row.reason,
    )


def _contact_names(person: Patient) -> dict[UUID, str]:
    """Whose phone it is; a shared one is everybody's."""
    whose: dict[UUID, list[str]] = {}
    for row in rows.people(person):
        whose.setdefault(row.contact_id, []).append(row.name)
    return {contact_id: " and ".join(dict.fromkeys(names)) for contact_id, names in whose.items()}
