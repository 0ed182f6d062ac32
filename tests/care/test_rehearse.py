"""What would everybody hear in a whole course, and is it few, lawful, serial and without contradiction?"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care.course.plan import PlannedSession, Preferences, plan
from care.facts import PatientFacts, Person, SessionFacts, SessionKind, Status, Step, Value
from care.hours import in_quiet
from care.kinds import KINDS, Load, Quiet
from care.notices import notices
from care.protocols import load, shipped
from care.readiness import Verdict, hard_gates_open, judge
from care.rehearse import Rehearsal, Rehearsed, booked, rehearse
from care.reminders import Ask, Wanted
from care.times import local, local_date, wall
from care.windows import alcohol_windows, integration_window
from tests.care.cast import (
    ADA,
    COURSE,
    HARBOR,
    NEW_YORK,
    SAM,
    discharged,
    dose,
    facts,
    identity,
    moved,
    ny,
    said,
    sam,
    told,
)

SHIPPED = tuple(shipped())
LINKS = {"integration": "https://steadfast.example/go/a", "invite": "https://steadfast.example/go/b"}
ZONES = ("America/New_York", "America/Phoenix", "America/Los_Angeles", "America/St_Johns", "Pacific/Honolulu")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
FAR = datetime(2040, 1, 1, tzinfo=UTC)
ASKED_OR_ADVISED = (Load.QUESTION, Load.ADVISORY)


def course(
    name: str,
    start: date,
    *,
    around: time = time(10),
    zone: str = NEW_YORK,
    weekdays: tuple[int, ...] = (1, 4),
    ahead: timedelta = timedelta(days=6),
    **changes: Any,
) -> PatientFacts:
    """Ada's induction as it is enrolled `ahead` of its first day: all doses booked, Sam named to stand by."""
    since = wall(start, time(9, 30), zone) - ahead
    first = load(name).phases[0].name
    planned = [each for each in plan(load(name), start, Preferences(weekdays, around), zone) if each.phase == first]
    sessions = tuple(_enrolled(each, name, since) for each in planned)
    patient, support = replace(ADA, zone=zone), replace(sam("named", since), person=replace(SAM, zone=zone))
    return replace(PatientFacts(replace(HARBOR, zone=zone), patient, (support,), sessions), **changes)


def _enrolled(planned: PlannedSession, name: str, since: datetime) -> SessionFacts:
    of = identity(f"dosing {planned.of_number}") if planned.of_number else None
    session = SessionFacts(
        identity(f"{planned.kind} {planned.number}"),
        COURSE,
        planned.number,
        planned.kind,
        planned.phase,
        Status.PLANNED,
        0,
        load(name),
        since,
        of_session_id=of,
        support_person_id=SAM.id if planned.kind is SessionKind.DOSING else None,
    )
    return booked(session, planned.target_at, since) if planned.kind is SessionKind.DOSING else session


def lived(known: PatientFacts, until: datetime = FAR, **how: Any) -> Rehearsal:
    return rehearse(known, until, names={"patient": "Ada"}, links=LINKS, **how)


def heard_by(person: Person, rehearsal: Rehearsal) -> list[Rehearsed]:
    return [each for each in rehearsal.texts if each.contact_id == person.contact_id]


def kinds(texts: list[Rehearsed]) -> list[str]:
    return [kind for each in texts for kind in each.kinds]


def said_of(kind: str, rehearsal: Rehearsal) -> list[Wanted]:
    return [each for text in rehearsal.texts for each in text.said if each.key.kind == kind]


def silent(ask: Ask, person: Person) -> Value | None:
    return None


MAY = date(2027, 5, 3)
CLINIC_COURSE = lived(course("iv_6", MAY))
HOME_COURSE = lived(course("home_seed_2_3w", MAY))
SAFE_COURSE = lived(course("spravato_trd", MAY, clinic=replace(HARBOR, safety_check=True)))


# A course that goes as planned


@pytest.mark.parametrize("rehearsal", [CLINIC_COURSE, HOME_COURSE, SAFE_COURSE])
def test_a_course_fully_answered_leaves_nothing_to_a_person_and_nothing_unsaid(rehearsal: Rehearsal) -> None:
    assert rehearsal.tasks == ()
    assert rehearsal.unsaid == ()


def test_every_dose_is_confirmed_prepared_and_followed_up() -> None:
    counted = Counter(kinds(heard_by(ADA, CLINIC_COURSE)))
    for kind in ("session_confirm", "prep_bundle", "solids_stop", "liquids_stop", "arrival", "post_rules"):
        assert counted[kind] == 6, kind
    assert counted["integration_book"] == 6
    assert counted["booked_notice"] == 1 + 6  # the doses in one, then each integration session as it is chosen


def test_the_support_person_is_invited_then_told_then_asked_about_each_dose() -> None:
    home = kinds(heard_by(SAM, HOME_COURSE))
    assert home[:2] == ["support_invite", "booked_notice"]
    assert Counter(home)["support_confirm"] == Counter(home)["support_present"] == Counter(home)["post_rules"] == 6


def test_a_support_person_who_has_not_accepted_hears_nothing_but_the_invitation() -> None:
    rehearsal = lived(course("home_seed_2_3w", MAY), answers=silent)
    assert set(kinds(heard_by(SAM, rehearsal))) == {"support_invite"}


def test_the_first_text_to_each_phone_says_how_to_stop() -> None:
    for person in (ADA, SAM):
        first, *later = [each.body for each in heard_by(person, CLINIC_COURSE)]
        assert "STOP" in first
        assert not any("STOP" in body for body in later)


def test_each_text_says_why_it_is_due_then() -> None:
    assert all(each.why["rule"] for text in CLINIC_COURSE.texts for each in text.said)


def test_a_rehearsal_is_the_same_every_time() -> None:
    known = course("spravato_trd", MAY)
    assert lived(known, wall(MAY + 8 * DAY, time(), NEW_YORK)) == lived(known, wall(MAY + 8 * DAY, time(), NEW_YORK))


def test_a_rehearsal_ends_where_it_is_told() -> None:
    until = ny("2027-05-04 08:15")
    early = lived(course("iv_6", MAY), until)
    assert early.texts == tuple(each for each in CLINIC_COURSE.texts if each.at <= until)


def test_a_course_under_way_is_rehearsed_from_now_on() -> None:
    known, now = course("iv_6", MAY), ny("2027-05-03 12:00")
    rest = lived(known, since=now)
    assert min(each.at for each in rest.texts) >= now
    assert not [each for each in rest.tasks if each.at < now]
    assert "prep_bundle" in kinds([each for each in rest.texts if each.at > ny("2027-05-05 00:00")])
    first_evening = [each for each in rest.texts if local_date(each.at, NEW_YORK) == MAY]
    assert "prep_bundle" not in kinds(first_evening)
    assert "solids_stop" in kinds(first_evening)


def test_an_integration_session_is_held_in_its_window_at_the_time_that_is_chosen() -> None:
    known = course("iv_6", MAY)
    first = discharged(known.sessions[0])
    shuts = integration_window(first)[1]
    rehearsal = lived(known, integration_at=lambda dose, now: integration_window(dose)[1] - HOUR)
    lines = [line for each in said_of("booked_notice", rehearsal) for line in each.fills["lines"]]
    chosen = [line["starts_at"] for line in lines if line["session_kind"] == "integration"]
    assert chosen[0] == (shuts - HOUR).isoformat()


# What goes wrong


def test_silence_is_asked_again_and_then_becomes_a_task() -> None:
    until = ny("2027-05-04 12:00")
    rehearsal = lived(course("iv_6", MAY), until, answers=silent)
    first = identity("dosing 1")
    reasons = [each.reason for each in rehearsal.tasks if each.session_id == first]
    assert reasons == ["support_missing", "transport_unanswered", "attendance_unanswered", "ride_unverified"]
    asked = [each for each in said_of("session_confirm", rehearsal) if first in each.session_ids]
    assert [each.key.repeat for each in asked] == [0, 1]


def test_a_no_is_not_asked_again() -> None:
    rehearsal = lived(course("iv_6", MAY), ny("2027-05-04 12:00"), answers=lambda ask, person: Value.NO)
    assert max(Counter(each.key.subject_id for each in said_of("session_confirm", rehearsal)).values()) == 1


def test_a_course_enrolled_in_the_night_before_says_what_it_still_may_and_leaves_the_rest_to_a_person() -> None:
    late = lived(course("iv_6", MAY, ahead=-timedelta(hours=12.5), weekdays=(1, 4)), ny("2027-05-04 12:00"))
    assert {text.kinds for text in late.texts if text.at < ny("2027-05-04 08:00")} == {("booked_notice",)}
    unsaid = {each.wanted.key.kind for each in late.unsaid}
    assert {"prep_bundle", "alcohol_window", "solids_stop"} <= unsaid
    assert {each.reason for each in late.tasks} >= {each.reason for each in late.unsaid}


# Whatever the day, the zone and the time of day


@st.composite
def courses(draw: st.DrawFn, names: tuple[str, ...] = SHIPPED) -> PatientFacts:
    minutes = draw(st.integers(0, 19)) * 30
    return course(
        draw(st.sampled_from(names)),
        draw(st.dates(date(2027, 1, 4), date(2027, 12, 20))),
        around=(datetime.combine(MAY, time(7, 30)) + timedelta(minutes=minutes)).time(),
        zone=draw(st.sampled_from(ZONES)),
        weekdays=draw(st.sampled_from([(0, 2), (0, 3), (1, 3), (1, 4), (2, 5)])),
        ahead=timedelta(hours=draw(st.integers(30, 240))),
    )


@pytest.mark.parametrize("name", SHIPPED)
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_shipped_protocol_fully_answered_exceeds_its_caps(name: str, data: st.DataObject) -> None:
    """Nothing is lost to caps, and no text that they may hold back goes beyond them."""
    known = data.draw(courses((name,)))
    rehearsal = lived(known)
    assert not [each for each in rehearsal.unsaid if each.reason == "cap"]
    for person in (known.patient, known.supports[0].person):
        texts = heard_by(person, rehearsal)
        assert (
            _most_in_a_week([each.at for each in texts if each.load in ASKED_OR_ADVISED])
            <= HARBOR.caps.per_week_induction
        )
        assert not [each for each in _beyond_the_day(texts, person.zone) if all(map(_advisory, each.said))]
    _assert_lawful(known, rehearsal)
    _assert_serial(rehearsal)
    _assert_no_contradiction(known, rehearsal)


def _most_in_a_week(instants: list[datetime]) -> int:
    return max((sum(at - WEEK < other <= at for other in instants) for at in instants), default=0)


def _beyond_the_day(texts: list[Rehearsed], zone: str) -> list[Rehearsed]:
    """The fourth text of a day and all after it."""
    count: Counter[date] = Counter()
    beyond = []
    for text in texts:
        day = local_date(text.at, zone)
        count[day] += 1
        if count[day] > HARBOR.caps.per_day:
            beyond.append(text)
    return beyond


def _advisory(wanted: Wanted) -> bool:
    return KINDS[wanted.key.kind].load is Load.ADVISORY


def _assert_lawful(known: PatientFacts, rehearsal: Rehearsal) -> None:
    for text in rehearsal.texts:
        assert all(each.not_before <= text.at <= each.not_after for each in text.said)
        if in_quiet(text.at, known.patient.zone, known.clinic.quiet):
            assert all(KINDS[each.key.kind].quiet is Quiet.EXEMPT or _news_of_a_near_visit(each) for each in text.said)


def _news_of_a_near_visit(wanted: Wanted) -> bool:
    lines = wanted.fills.get("lines", [])
    return any(datetime.fromisoformat(each["starts_at"]) - wanted.due_at < DAY for each in lines if each["starts_at"])


def _assert_serial(rehearsal: Rehearsal) -> None:
    """No text asks about two sessions, or of two people, or in two sets of digits."""
    for text in rehearsal.texts:
        asking = [(each.person.id, ask.subject_id, ask.version) for each in text.said for ask in each.asks]
        assert len(set(asking)) <= 1


def _assert_no_contradiction(known: PatientFacts, rehearsal: Rehearsal) -> None:
    """Every text about a dose names the same clock times, and alcohol is never said to be fine inside a window."""
    times: dict[tuple[UUID, str], set[str]] = {}
    for each in (each for text in rehearsal.texts for each in text.said if len(each.session_ids) == 1):
        for name in ("starts_at", "arrive_at", "solids_at", "light_meal_at", "any_liquid_at", "clear_liquid_at"):
            if name in each.fills and KINDS[each.key.kind].number not in (21, 22):
                times.setdefault((each.session_ids[0], name), set()).add(each.fills[name])
    assert not [key for key, values in times.items() if len(values) > 1]
    windows = alcohol_windows(known.sessions)
    for prepared in said_of("prep_bundle", rehearsal):
        assert datetime.fromisoformat(prepared.fills["alcohol_from"]) in [window.start for window in windows]
    for over in said_of("post_rules", rehearsal):
        assert datetime.fromisoformat(over.fills["alcohol_until"]) in [window.end for window in windows]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(courses())
def test_in_silence_too_every_hour_is_lawful_and_questions_are_serial(known: PatientFacts) -> None:
    rehearsal = lived(known, min(each.starts_at for each in known.sessions if each.starts_at) + 4 * DAY, answers=silent)
    _assert_lawful(known, rehearsal)
    _assert_serial(rehearsal)


# Two people on one phone


def sharing(answers_by: Any = None) -> Rehearsal:
    known = course("home_seed_2_3w", MAY)
    person = replace(SAM, contact_id=ADA.contact_id)
    shared = replace(known, supports=(replace(known.supports[0], person=person),))
    return lived(shared, ny("2027-05-04 13:00"), **({"answers": answers_by} if answers_by else {}))


def test_on_one_phone_what_is_for_whom_is_said_and_one_question_is_asked_at_a_time() -> None:
    rehearsal = sharing()
    _assert_serial(rehearsal)
    together = [each for each in rehearsal.texts if set(each.person_ids) == {ADA.id, SAM.id}]
    assert together
    assert all("For you" in each.body and "For your support person" in each.body for each in together)


def test_on_one_phone_the_second_question_waits_for_the_answer_to_the_first() -> None:
    answered = [each for each in sharing().texts if {"session_confirm", "support_confirm"} & set(each.kinds)]
    assert all(not {"session_confirm", "support_confirm"} <= set(each.kinds) for each in answered)
    quiet = sharing(lambda ask, person: Value.YES if ask.step is Step.INVITATION else None)
    asks = [
        each.at for each in quiet.texts if any(said.asks for said in each.said) and "support_present" not in each.kinds
    ]
    assert all(later - earlier >= 4 * HOUR for earlier, later in pairwise(asks) if earlier != later)


def test_a_yes_from_the_patients_phone_does_not_open_the_hard_gate() -> None:
    known = course("home_seed_2_3w", MAY)
    session = known.sessions[0]
    person = replace(SAM, contact_id=ADA.contact_id)
    here = [said(session, step, person=person) for step in (Step.SUPPORT, Step.PRESENT)]
    spoken = replace(
        known,
        supports=(replace(sam(), person=person),),
        answers=tuple(replace(each, from_contact_id=ADA.contact_id) for each in here),
    )
    assert [each.data["step"] for each in hard_gates_open(session, spoken)] == ["support", "present"]
    allowed = replace(spoken, clinic=replace(HARBOR, shared_phone_ok=True))
    assert not hard_gates_open(session, allowed)


# Moved after reminders went out


THURSDAY = dose("2027-05-06 10:00", support_person_id=SAM.id, since=ny("2027-04-20 12:00"))
MOVED_AT = ny("2027-05-05 12:00")  # the day before, after preparation was told and ride and support were answered
FRIDAY = moved(THURSDAY, "2027-05-07 14:00", since=MOVED_AT)
YES_TO_THURSDAY = (
    said(THURSDAY, Step.ATTENDANCE),
    said(THURSDAY, Step.TRANSPORT),
    said(THURSDAY, Step.SUPPORT, person=SAM),
)
AFTER_THE_MOVE = facts(FRIDAY, answers=YES_TO_THURSDAY, told=(told(THURSDAY), told(THURSDAY, SAM)), supports=(sam(),))


def test_a_move_makes_one_notice_to_each_person_and_a_new_set_for_the_new_time() -> None:
    rehearsal = lived(AFTER_THE_MOVE)
    for person in (ADA, SAM):
        texts = heard_by(person, rehearsal)
        assert Counter(kinds(texts))["change_notice"] == 1
    starts = {each.fills["starts_at"] for text in rehearsal.texts for each in text.said if "starts_at" in each.fills}
    assert starts == {ny("2027-05-07 14:00").isoformat()}
    counted = Counter(kinds(heard_by(ADA, rehearsal)))
    for kind in ("session_confirm", "prep_bundle", "solids_stop", "liquids_stop", "arrival"):
        assert counted[kind] == 1, kind


def test_after_a_move_every_confirmation_is_unknown_again_and_answers_to_the_new_time_make_it_ready() -> None:
    before = judge(THURSDAY, replace(AFTER_THE_MOVE, sessions=(THURSDAY,)), MOVED_AT)
    assert before.verdict is Verdict.READY
    after = judge(FRIDAY, AFTER_THE_MOVE, MOVED_AT)
    assert after.verdict is Verdict.WAITING
    assert {each.step for each in after.missing} == {Step.ATTENDANCE, Step.TRANSPORT, Step.SUPPORT}
    late_yes = replace(AFTER_THE_MOVE, answers=(*YES_TO_THURSDAY, replace(YES_TO_THURSDAY[0], at=MOVED_AT + HOUR)))
    assert judge(FRIDAY, late_yes, MOVED_AT + 2 * HOUR).missing == after.missing


def test_moved_there_and_back_before_the_notice_nobody_hears_of_it() -> None:
    back = replace(
        FRIDAY, version=3, starts_at=THURSDAY.starts_at, arrive_at=THURSDAY.arrive_at, ends_at=THURSDAY.ends_at
    )
    assert notices(replace(AFTER_THE_MOVE, sessions=(back,))) == []


def test_a_cancelled_dose_is_told_once_and_says_nothing_more() -> None:
    off = replace(THURSDAY, status=Status.CANCELLED, since=MOVED_AT)
    rehearsal = lived(replace(AFTER_THE_MOVE, sessions=(off,)))
    assert [each.kinds for each in rehearsal.texts] == [("cancel_notice",)] * 2


# Preparation in the evening before


def test_an_early_session_has_food_drink_and_arrival_in_one_text_the_evening_before() -> None:
    rehearsal = lived(course("iv_6", MAY, around=time(7, 30)), ny("2027-05-04 07:30"))
    (evening,) = [each for each in heard_by(ADA, rehearsal) if "solids_stop" in each.kinds]
    assert {"solids_stop", "liquids_stop", "arrival"} <= set(evening.kinds)
    assert local_date(evening.at, NEW_YORK) == MAY
    assert time(19) <= local(evening.at, NEW_YORK).time() < time(20)
    night = ny("2027-05-03 21:00"), ny("2027-05-04 07:30")
    assert not [each for each in rehearsal.texts if night[0] <= each.at <= night[1]]
