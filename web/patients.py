"""Who is treated here, and how does one patient's whole course stand?"""

from collections.abc import Mapping
from uuid import UUID

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from actions.enrol import SupportNamed, name_support
from actions.facts import patient_facts, rules_of, sessions_of
from actions.readiness import readiness
from care.windows import windows_now
from models import Course, Patient, Session, Stage, SupportPerson
from web import rows, show
from web.auth import staff
from web.forms import Form
from web.pages import pages
from web.trouble import again

LATEST_TEXTS, LATEST_ENTRIES = 60, 60


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
    coming, reminders = _next(sessions), rows.reminders(person)
    return show.console(
        "patient.html",
        patient=person,
        contact=rows.contact_of(person),
        courses=[(course, rules_of(course)) for course in courses],
        sessions=_by_course(courses, sessions),
        coming=coming,
        readiness=readiness(coming, now=g.now) if coming else None,
        in_force=windows_now(facts.sessions, facts.clinic.zone, g.now),
        supports=[(row, rows.contact_of(row)) for row in supports],
        coming_up=[row for row in reversed(reminders) if row.stage != Stage.ENDED],
        said=[row for row in reminders if row.stage == Stage.ENDED],
        texts=_texts(person, supports),
        names=_names(person, supports),
        contact_names=_contact_names(person, supports),
        record=rows.record(person, LATEST_ENTRIES),
        staff_names=rows.staff_names(person.clinic_id),
        back=url_for("pages.patient", patient_id=patient_id),
    )


@pages.post("/console/patients/<uuid:patient_id>/courses/<uuid:course_id>/support")
@staff
@again(lambda patient_id, course_id: patient(patient_id=patient_id))
def name_support_person(patient_id: UUID, course_id: UUID) -> Response:
    form = Form(request.form)
    named = support_in(form)
    form.refuse_if_wrong()
    name_support(rows.own(Course, course_id), named, by=g.who, now=g.now)
    return redirect(url_for("pages.patient", patient_id=patient_id, done="support"), 303)


def support_in(form: Form) -> SupportNamed:
    """The support person a form names."""
    return SupportNamed(
        form.words("support_name", most=80),
        form.number("support_number"),
        form.one_of("support_language", ("en", "es")),
        form.zone("support_zone"),
    )


def _next(sessions: list[Session]) -> Session | None:
    """The session under way, else the next one that has a time."""
    ahead = [each for each in sessions if each.status in ("booked", "arrived", "dosed") and each.starts_at]
    return min(ahead, key=lambda each: (each.starts_at, each.id), default=None)


def _by_course(courses: list[Course], sessions: list[Session]) -> Mapping[UUID, list[Session]]:
    """Each course's sessions in order of their time, those without one where they were meant to be."""
    zone = rows.own_clinic().zone
    times = show.Times(zone)

    def place(each: Session) -> tuple[str, str, int]:
        day = times.local_date(each.starts_at) if each.starts_at else each.target_on
        return (day.isoformat(), each.starts_at.isoformat() if each.starts_at else "", each.number)

    return {
        course.id: sorted((each for each in sessions if each.course_id == course.id), key=place) for course in courses
    }


def _names(person: Patient, supports: list[SupportPerson]) -> dict[UUID, str]:
    return {row.id: row.name for row in (person, *supports)}


def _contact_names(person: Patient, supports: list[SupportPerson]) -> dict[UUID, str]:
    """Whose phone it is; a shared one is everybody's."""
    whose: dict[UUID, list[str]] = {}
    for row in (person, *supports):
        whose.setdefault(row.contact_id, []).append(row.name)
    return {contact_id: " and ".join(dict.fromkeys(names)) for contact_id, names in whose.items()}


def _texts(person: Patient, supports: list[SupportPerson]) -> list[rows.Said]:
    contacts = {row.contact_id for row in (person, *supports)}
    return rows.conversation(person.clinic_id, contacts, most=LATEST_TEXTS, patient_id=person.id)


