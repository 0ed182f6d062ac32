"""Does everything promised hold whatever a clinic does, in whatever order? A stateful model: people act, time passes, and after
every step nothing is booked twice, no course breaks its spacing, and nobody's silence or old yes counts for a new time.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from actions.courses.enrol import enrol
from actions.courses.wish import Enrolment
from actions.facts import rules_of
from actions.remind import remind
from actions.resources.closing import close, lift_closure, preview_closure
from actions.resources.hit import Wished
from actions.sessions.book import book
from actions.sessions.changes.change import change
from actions.sessions.changes.preview import preview_change
from actions.sessions.confirm import confirm
from actions.sessions.offer import offered
from actions.sessions.readiness import readiness
from actions.steering.pause import pause, preview_resume, resume
from care.course.changes.wishes import Change, ChangeVerb, Scope
from care.course.spacing import spacing_refusals
from care.facts import ENDED_WITHOUT_HAPPENING, Cause, How, Step, Value
from care.refusals import Refused
from care.times import local_date
from models import Answer, Clinic, Closure, Course, Patient, Reminder, Resource, Session, Stage, db
from tests.databases import SQLITE, app_on
from tests.people import NOW, Harbor, harbor
from tests.races import judge

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
SPRING = datetime(2027, 3, 1, 15, tzinfo=NOW.tzinfo)  # two weeks before the clocks of New York change
PROTOCOLS = ("iv_6", "spravato_trd", "home_kap_2w")


class ClinicModel(RuleBasedStateMachine):
    """One clinic with up to three patients. What a verb refuses changes nothing; what it accepts leaves the promises whole."""

    make_database: Callable[[], Any]
    courses = Bundle("courses")
    paused = Bundle("paused")

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.database = self.open.enter_context(self.make_database())
        app = self.open.enter_context(app_on(self.database.url))
        self.open.enter_context(app.app_context())
        self.home: Harbor = harbor()
        self.now = SPRING
        self.patients = 0

    def teardown(self) -> None:
        db.session.rollback()
        self.open.close()

    @initialize(target=courses)
    def begin(self) -> Any:
        """One patient whose first four visits are booked, so that there is something to disturb."""
        course_id = self.enrol("iv_6", ZONES[0], {1, 4})
        for place in range(4):
            self.book(course_id, 0, 3 * place + 1)
        return course_id

    # What people do

    @rule(
        target=courses,
        protocol=st.sampled_from(PROTOCOLS),
        zone=st.sampled_from(ZONES),
        weekdays=st.sets(st.integers(0, 5), max_size=3),
    )
    @precondition(lambda self: self.patients < 3)
    def enrol(self, protocol: str, zone: str, weekdays: set[int]) -> Any:
        self.patients += 1
        wish = Enrolment(
            name=f"Person {self.patients}",
            number=f"+121255501{self.patients:02d}",
            protocol=protocol,
            starts_on=(self.now + timedelta(days=5)).date(),
            weekdays=tuple(sorted(weekdays)),
            zone=zone,
        )
        course = enrol(self.home.clinic, wish, by=self.home.cora, now=self.now)
        db.session.commit()
        return course.id

    @rule(course_id=courses, place=st.integers(0, 9), slot=st.integers(0, 40))
    def book(self, course_id: Any, place: int, slot: int) -> None:
        session = self._one(course_id, place, "planned")
        if session is not None and (chosen := self._slot(session, slot)):
            self._try(lambda: book(session, chosen, by=self.home.cora, now=self.now))

    @rule(
        course_id=courses,
        place=st.integers(0, 9),
        slot=st.integers(0, 40),
        scope=st.sampled_from((Scope.THIS, Scope.FOLLOWING)),
    )
    def move(self, course_id: Any, place: int, slot: int, scope: Scope) -> None:
        session = self._one(course_id, place, "booked")
        if session is not None and (chosen := self._slot(session, slot)):
            self._change(Change(ChangeVerb.MOVE, course_id, session.id, scope, slot=chosen))

    @rule(
        course_id=courses,
        place=st.integers(0, 9),
        verb=st.sampled_from((ChangeVerb.CANCEL, ChangeVerb.OMIT, ChangeVerb.DEFER, ChangeVerb.MISS)),
        scope=st.sampled_from((Scope.THIS, Scope.THIS, Scope.FOLLOWING)),
        by_days=st.none() | st.integers(1, 14),
    )
    def end(self, course_id: Any, place: int, verb: ChangeVerb, scope: Scope, by_days: int | None) -> None:
        session = self._one(course_id, place, "booked", "planned")
        if session is not None:
            pushed = by_days if verb is ChangeVerb.DEFER and scope is Scope.FOLLOWING else None
            self._change(Change(verb, course_id, session.id, scope, by_days=pushed, cause=Cause.CLINIC))

    @rule(course_id=courses, place=st.integers(0, 9), value=st.sampled_from((Value.YES, Value.NO)))
    def answer(self, course_id: Any, place: int, value: Value) -> None:
        session = self._one(course_id, place, "booked")
        if session is not None:
            self._try(lambda: confirm(session, Step.ATTENDANCE, value, by=self.home.cora, how=How.STAFF, now=self.now))

    @rule(target=paused, course_id=consumes(courses))
    def pause(self, course_id: Any) -> Any:
        course = self._course(course_id)
        self._try(lambda: pause(course, "Away.", by=self.home.cora, now=self.now))
        return course_id if self._course(course_id).status == "paused" else multiple()

    @rule(target=courses, course_id=consumes(paused), later=st.integers(2, 20))
    def resume(self, course_id: Any, later: int) -> Any:
        course, day = self._course(course_id), (self.now + timedelta(days=later)).date()
        shown = preview_resume(course, day, now=self.now)
        self._try(lambda: resume(course, day, shown.token, by=self.home.cora, now=self.now))
        return course_id if self._course(course_id).status == "active" else multiple()

    @rule(place=st.integers(0, 9), lasts=st.integers(1, 60), whole=st.booleans())
    def close(self, place: int, lasts: int, whole: bool) -> None:
        """From an hour before somebody's visit, so that it hits."""
        booked = db.select(Session.starts_at).where(Session.status == "booked", Session.starts_at > self.now)
        starts = [at for at in db.session.scalars(booked.order_by(Session.starts_at)) if at]
        hit = starts[place % len(starts)] if starts else self.now + timedelta(days=place + 1)
        begins = hit.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        chair = db.session.scalars(db.select(Resource).where(Resource.kind == "chair")).first()
        wish = Wished(
            self.home.clinic.id, None if whole or chair is None else chair.id, begins, begins + timedelta(hours=lasts)
        )

        def as_shown() -> None:
            shown = preview_closure(wish, by=self.home.cora, now=self.now)
            close(wish, shown.token, by=self.home.cora, now=self.now, reason="Holiday.")

        self._try(as_shown)

    @rule()
    def lift(self) -> None:
        shut = db.session.scalars(db.select(Closure).where(Closure.lifted_at.is_(None)).order_by(Closure.id)).first()
        if shut is not None:
            self._try(lambda: lift_closure(shut, by=self.home.cora, now=self.now))

    @rule(hours=st.integers(1, 150))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # What must always hold

    @invariant()
    def nothing_is_promised_twice(self) -> None:
        db.session.commit()
        assert judge.overlaps(self.database.url) == {"lanes": 0, "patients": 0}

    @invariant()
    def every_booked_session_has_its_seats_and_no_other_has_any(self) -> None:
        odd = """
            SELECT count(*) FROM session s WHERE s.status NOT IN ('booked', 'arrived', 'dosed', 'discharged', 'attended')
            AND EXISTS (SELECT 1 FROM booking b WHERE b.session_id = s.id AND b.held_until IS NULL)
        """
        assert judge.count(self.database.url, odd) == 0
        bare = """
            SELECT count(*) FROM session s WHERE s.status = 'booked'
            AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.session_id = s.id)
        """
        assert judge.count(self.database.url, bare) == 0

    @invariant()
    def no_course_breaks_its_spacing(self) -> None:
        for course in db.session.scalars(db.select(Course)):
            doses = [
                one
                for one in self._sessions(course.id)
                if one.kind == "dosing" and one.status not in ENDED_WITHOUT_HAPPENING
            ]
            timed = [(one.number, one.starts_at) for one in doses if one.starts_at]
            zone = db.session.get_one(Clinic, course.clinic_id).zone
            for number, at in timed:
                others = [other for _, other in timed if other != at]
                first = min((start for _, start in timed), default=None)
                assert not spacing_refusals(rules_of(course), at, others, first, zone), (number, at)
            assert all((a < b) == (one < other) for (a, one), (b, other) in combinations(timed, 2)), (
                "doses keep their order"
            )

    @invariant()
    def nobody_is_booked_into_a_closure(self) -> None:
        inside = """
            SELECT count(*) FROM closure c JOIN booking b ON b.clinic_id = c.clinic_id AND b.session_id IS NOT NULL
            WHERE c.lifted_at IS NULL AND (c.resource_id IS NULL OR c.resource_id = b.resource_id)
            AND b.starts_at < c.ends_at AND c.starts_at < b.ends_at AND b.starts_at > :now
        """
        assert (
            judge.count(self.database.url, inside, now=self.now.replace(tzinfo=None) if self._on_sqlite else self.now)
            == 0
        )

    @property
    def _on_sqlite(self) -> bool:
        return self.database.kind == SQLITE

    @invariant()
    def every_booked_session_lies_in_its_span(self) -> None:
        for session in db.session.scalars(db.select(Session).where(Session.status == "booked")):
            day = local_date(session.starts_at, self.home.clinic.zone)
            assert session.earliest_on <= day <= session.latest_on

    @invariant()
    def a_yes_counts_for_its_own_time_alone(self) -> None:
        for session in db.session.scalars(
            db.select(Session).where(Session.status == "booked", Session.kind == "dosing")
        ):
            said = {
                answer.value
                for answer in db.session.scalars(
                    db.select(Answer).filter_by(subject_id=session.id, version=session.version, step=Step.ATTENDANCE)
                )
            }
            state = next(step.state for step in readiness(session, now=self.now).steps if step.step is Step.ATTENDANCE)
            assert (state == "yes") <= (Value.YES in said), "silence is not yes, nor is a yes to another time"

    @invariant()
    def nothing_waits_to_be_said_about_what_is_off(self) -> None:
        """Beside the notices that say so; and reconciling again changes nothing."""
        for patient in db.session.scalars(db.select(Patient)).all():
            before = self._waiting(patient)
            remind(patient, now=self.now)
            assert self._waiting(patient) == before
        db.session.rollback()
        off = (
            db.select(Reminder.kind)
            .join(Session, (Session.clinic_id == Reminder.clinic_id) & (Session.id == Reminder.session_id))
            .where(Reminder.stage == Stage.WAITING, Session.status.in_(ENDED_WITHOUT_HAPPENING))
        )
        assert set(db.session.scalars(off)) <= {"change_notice", "cancel_notice", "moved_answer"}

    # How the model acts

    def _waiting(self, patient: Patient) -> set[Any]:
        rows = db.select(Reminder.id).where(Reminder.patient_id == patient.id, Reminder.stage == Stage.WAITING)
        return set(db.session.scalars(rows))

    def _course(self, course_id: Any) -> Course:
        return db.session.get_one(Course, (self.home.clinic.id, course_id))

    def _sessions(self, course_id: Any) -> list[Session]:
        mine = db.select(Session).where(Session.course_id == course_id).order_by(Session.target_on, Session.number)
        return list(db.session.scalars(mine))

    def _one(self, course_id: Any, place: int, *statuses: str) -> Session | None:
        fitting = [one for one in self._sessions(course_id) if one.status in statuses]
        return fitting[place % len(fitting)] if fitting else None

    def _slot(self, session: Session, place: int) -> Any:
        """One of the times that the rules allow, else any that is free: the verb must refuse those by itself."""
        begin = max(self.now, self.now.replace(hour=0) + (session.earliest_on - self.now.date()))
        found = offered(session, begin, begin + timedelta(days=9), by=self.home.cora, now=self.now)
        lawful = [slot for slot, refusals in found if not refusals]
        free = lawful if place % 5 and lawful else [slot for slot, _ in found]
        return free[place % len(free)] if free else None

    def _change(self, wish: Change) -> None:
        def as_shown() -> None:
            shown = preview_change(wish, by=self.home.cora, now=self.now)
            change(wish, shown.token, by=self.home.cora, now=self.now, reason=None)

        self._try(as_shown)

    def _try(self, act: Callable[[], Any]) -> None:
        """Kept when it succeeds; a refusal leaves everything as it was."""
        before = self._everything()
        try:
            act()
            db.session.commit()
        except Refused:
            db.session.rollback()
            assert self._everything() == before

    def _everything(self) -> Any:
        db.session.commit()
        return [
            (one.id, one.status, one.version, one.starts_at)
            for one in db.session.scalars(db.select(Session).order_by(Session.id))
        ]


@pytest.mark.timeout(600)
def test_whatever_a_clinic_does_its_promises_hold(database_kind, shelf):
    class Model(ClinicModel):
        make_database = staticmethod(lambda: shelf.database(database_kind))  # type: ignore[assignment]

    thorough = os.environ.get("HYPOTHESIS_PROFILE") == "search"
    few = 6 if database_kind == SQLITE else 2
    run_state_machine_as_test(
        Model,
        settings=settings(
            max_examples=400 if thorough else few,
            stateful_step_count=40 if thorough else 16,
            deadline=None,
            phases=tuple(Phase) if thorough else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
