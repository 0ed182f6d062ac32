"""How does a whole course stand, and what can staff decide about it? Pause, resume, reviews, frequency, end, wishes."""

from uuid import UUID

from flask import abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from actions.courses.known import Known, known
from actions.courses.reviews import reviews_of
from actions.steering.decide import Decided, review, set_cadence
from actions.steering.discontinue import discontinue
from actions.steering.pause import ResumePreview, pause, preview_resume, resume
from actions.steering.requests import decline, grant, requests_of
from care.course.progress.phases import Cadence, choices, phase_after, steps_back
from care.course.progress.reviews import Decision, ReviewKind, advice, source
from care.facts import Cause
from models import Course, CourseRequest, CourseStatus, Patient, Review, db
from web import rows, show, words
from web.auth import guarded, staff
from web.forms import Form, day_or
from web.pages import pages
from web.trouble import again

AS_IT_IS = "-"
CADENCES = {"d": "every_days", "w": "per_week"}  # how a form writes one: d14 is every 14 days, w2 twice a week


@pages.get("/console/courses/<uuid:course_id>")
@staff
def course(course_id: UUID) -> str:
    row = rows.own(Course, course_id)
    facts = known(row)
    return show.console(
        "course.html",
        course=row,
        patient=db.session.get_one(Patient, (row.clinic_id, row.patient_id)),
        facts=facts,
        next_phase=phase_after(facts.rules, row.phase),
        reviews=[(each, *_cited(each, facts)) for each in reviews_of(row)],
        cadences=_options(facts),
        more=facts.phase.sessions or 12,
        requests=requests_of(row),
        preview=_preview(row),
        from_on=request.values.get("from_on", facts.today(g.now).isoformat()),
        staff=rows.staff_names(row.clinic_id),
        causes=tuple(words.CAUSE.items()),
        sessions={each.id: each for each in facts.rows},
    )


@pages.post("/console/courses/<uuid:course_id>/pause")
@staff
@again(course)
def pause_course(course_id: UUID) -> Response:
    form = Form(request.form)
    until = form.day("until") if form.given.get("until") else None
    reason = form.words("pause_reason", most=500, ask="Please say why, for the record.")
    form.refuse_if_wrong()
    pause(rows.own(Course, course_id), reason, until=until, by=g.who, now=g.now)
    return _back(course_id, "pause")


@pages.post("/console/courses/<uuid:course_id>/resume")
@staff
@again(course)
def resume_course(course_id: UUID) -> Response:
    form = Form(request.form)
    from_on, plan = form.day("from_on"), form.words("plan")
    form.refuse_if_wrong()
    resume(rows.own(Course, course_id), from_on, plan, by=g.who, now=g.now)
    return _back(course_id, "resume")


@pages.post("/console/courses/<uuid:course_id>/discontinue")
@staff
@again(course)
def discontinue_course(course_id: UUID) -> Response:
    form = Form(request.form)
    cause = form.one_of("cause", tuple(Cause))
    reason = form.words("end_reason", most=500, ask="Please say why, for the record.")
    form.refuse_if_wrong()
    aftercare = not form.ticked("no_aftercare")
    discontinue(rows.own(Course, course_id), Cause(cause), reason, aftercare=aftercare, by=g.who, now=g.now)
    return _back(course_id, "discontinue")


@pages.post("/console/courses/<uuid:course_id>/frequency")
@guarded("clinician")
@again(course)
def set_frequency(course_id: UUID) -> Response:
    form = Form(request.form)
    every = _cadence(form, "frequency")
    reason = form.words("frequency_reason", most=500, ask="Please say why, for the record.")
    form.refuse_if_wrong()
    if every is None:
        abort(400)
    set_cadence(rows.own(Course, course_id), every, reason, by=g.who, now=g.now)
    return _back(course_id, "frequency")


@pages.post("/console/courses/<uuid:course_id>/reviews/<uuid:review_id>")
@guarded("clinician")
@again(course)
def decide_review(course_id: UUID, review_id: UUID) -> Response:
    form = Form(request.form)
    decision = Decision(form.one_of("decision", tuple(Decision)))
    every = _cadence(form, "every")
    more = form.whole("sessions") if decision is Decision.EXTEND else None
    note = form.words("note", most=500, ask="Please say what you saw, for the record.")
    form.refuse_if_wrong()
    looked_at = rows.own(Review, review_id)
    if looked_at.course_id != course_id:
        abort(404)
    review(rows.own(Course, course_id), looked_at, Decided(decision, note, every, more), by=g.who, now=g.now)
    return _back(course_id, "review")


@pages.post("/console/courses/<uuid:course_id>/requests/<uuid:request_id>")
@guarded("clinician")
@again(course)
def answer_request(course_id: UUID, request_id: UUID) -> Response:
    form = Form(request.form)
    agreed = form.one_of("agreed", ("yes", "no")) == "yes"
    from_on = form.day("not_before") if agreed else None
    note = form.words("request_note", most=500, ask="Please say why, for the record.")
    form.refuse_if_wrong()
    wanted = rows.own(CourseRequest, request_id)
    if wanted.course_id != course_id:
        abort(404)
    if from_on is not None:
        grant(wanted, from_on, note, by=g.who, now=g.now)
    else:
        decline(wanted, note, by=g.who, now=g.now)
    return _back(course_id, "request")


def _back(course_id: UUID, done: str) -> Response:
    return redirect(url_for("pages.course", course_id=course_id, done=done), 303)


def _preview(row: Course) -> ResumePreview | None:
    """The plan as it was asked for, or as it is now when it changed in between."""
    from_on = day_or(request.values.get("from_on"), None)
    if row.status != CourseStatus.PAUSED or from_on is None:
        return None
    return preview_resume(row, from_on, now=g.now)


def _cited(row: Review, facts: Known) -> tuple[tuple[str, str] | None, str]:
    kind = ReviewKind(row.kind)
    return advice(kind, row.phase, facts.rules, "en"), source(kind, row.phase, facts.rules)


def _options(facts: Known) -> dict[str, list[tuple[str, str]]]:
    """What may be chosen: in the phase under way, in the next one, and to go back to."""
    following = phase_after(facts.rules, facts.course.phase)
    return {
        "here": [_option(each) for each in choices(facts.phase)],
        "next": [_option(each) for each in (choices(following) if following else ())],
        "back": [_option(each) for each in steps_back(facts.rules, facts.course.phase, facts.cadence)],
    }


def _option(every: Cadence) -> tuple[str, str]:
    word = f"w{every.per_week}" if every.per_week else f"d{every.every_days}"
    return word, words.cadence_words(every)


def _cadence(form: Form, name: str) -> Cadence | None:
    """None where it stays as it is."""
    word = form.given.get(name, AS_IT_IS)
    if word == AS_IT_IS:
        return None
    if word[:1] not in CADENCES or not (word[1:].isascii() and word[1:].isdigit() and len(word) < 5):
        form.complaints[name] = "Please choose one of these."
        return None
    return Cadence(**{CADENCES[word[0]]: int(word[1:])})
