"""After any change of a course every rule still holds, what was shown is what is done, and going back goes back."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from time import perf_counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from care.course.changes.around import meant
from care.course.changes.planning import planned
from care.course.changes.plans import Days
from care.course.changes.pulls import shifted, wall_delta
from care.course.changes.wishes import Addition, Change, ChangeVerb, Scope
from care.course.slots import Slot
from care.facts import Cause, SessionKind, Status
from care.protocol import MissedPolicy
from care.protocols import load, resolve
from care.refusals import Code
from care.tasks import TaskCode
from care.times import local, local_date, wall
from tests.care.changing import Shop, around, at_slot, broken, carried_out, enrolled, identity
from tests.care.clocks import NEW_YORK
from tests.care.visits import COURSE, at

SPRAVATO, IV, SLIDING = load("spravato_trd"), load("iv_6"), load("home_seed_2_3w")
NOW = datetime(2027, 2, 1, 15, tzinfo=UTC)
TUESDAY = date(2027, 2, 9)
DOSING = SessionKind.DOSING


def dose(number):
    return identity(DOSING, number)


def follow_up(number):
    return identity(SessionKind.INTEGRATION, number)


def change(verb, number=None, **known):
    return Change(ChangeVerb(verb), COURSE, dose(number) if number else None, **known)


def moved_by(sessions, number, shop, protocol, **later):
    """A free place that much later by the wall clock for dose `number`, if there is one."""
    one = next(each for each in sessions if each.id == dose(number))
    to = shifted(one.facts.starts_at, timedelta(**later), shop.zone)
    day = local_date(to, shop.zone)
    rooms = around(shop, protocol, sessions, NOW).rooms(frozenset(each.id for each in sessions), day, day)
    return next((slot for slot in rooms.free(DOSING, day, day) if slot.starts_at == to), None)


def times(sessions, kind):
    return {one.id: one.facts.starts_at for one in sessions if one.facts.kind is kind}


def by_id(sessions):
    return {one.id: one for one in sessions}


def codes(plan):
    return [refusal.code for refusal in plan.refusals]


# Any change of any course


@st.composite
def clinics(draw):
    """A clinic with days and hours that others have taken, and a course that is booked in it."""
    zone = draw(st.sampled_from([NEW_YORK, "Europe/London", "America/Sao_Paulo"]))
    shop = Shop(zone, draw(st.sampled_from([range(5), range(6), (0, 1, 3, 4)])), each=draw(st.integers(1, 2)))
    start = draw(st.sampled_from([TUESDAY, date(2027, 3, 9), date(2027, 10, 26)]))
    for _ in range(draw(st.integers(0, 4))):
        begins = wall(start + timedelta(days=draw(st.integers(0, 40))), time(draw(st.integers(7, 15))), zone)
        kind = draw(st.sampled_from(["chair", "therapist", "clinician"]))
        shop.take_all(kind, begins, begins + timedelta(hours=draw(st.integers(1, 30))))
    protocol = draw(st.sampled_from([SPRAVATO, IV, SLIDING]))
    weekdays = draw(st.sampled_from([(1, 4), (0, 3), (1,)]))
    sessions = enrolled(shop, protocol, start, weekdays, most=draw(st.integers(3, 8)))
    return shop, protocol, sessions


VERBS = [(verb, scope) for verb in ("move", "cancel", "omit", "defer") for scope in Scope] + [("miss", Scope.THIS)]


@st.composite
def changes(draw):
    shop, protocol, sessions = draw(clinics())
    booked = [one for one in sessions if one.facts.kind is DOSING and one.facts.starts_at]
    assume(booked and not broken(sessions, shop, seven_days=False))
    verb, scope = draw(st.sampled_from(VERBS))
    one = draw(st.sampled_from(booked))
    slot = None
    if verb == "move" and scope is not Scope.FROM:
        days = draw(st.integers(-4, 9))
        slot = moved_by(sessions, one.facts.number, shop, protocol, days=days, hours=draw(st.integers(-2, 3)))
        assume(slot is not None and slot.starts_at > NOW)
    now = one.facts.starts_at + timedelta(minutes=20) if verb == "miss" else NOW
    known = {
        "scope": scope,
        "slot": slot,
        "cause": Cause.PATIENT,
        "from_on": local_date(one.facts.starts_at, shop.zone) if scope is Scope.FROM else None,
        "weekdays": draw(st.sampled_from([(0, 3), (2,), ()])) if scope is Scope.FROM else (),
        "around": draw(st.sampled_from([None, time(14)])) if scope is Scope.FROM else None,
        "by_days": draw(st.sampled_from([None, 7, 14])) if verb == "defer" and scope is not Scope.THIS else None,
    }
    wish = change(verb, None if scope is Scope.FROM else one.facts.number, **known)
    return wish, shop, protocol, sessions, now


@settings(max_examples=150)
@given(changes())
def test_after_every_change_every_rule_still_holds(case):
    wish, shop, protocol, sessions, now = case
    plan = planned(wish, around(shop, protocol, sessions, now))
    if plan.refusals:
        return
    ended = around(shop, protocol, carried_out(sessions, plan), now)
    before = broken(sessions, shop)
    assert broken(ended.sessions, shop, seven_days=not before) == []
    if plan.alternative is not None:
        assert broken(carried_out(sessions, plan.alternative), shop, seven_days=False) == []
        assert (
            len(plan.alternative.moves) + len(plan.alternative.unplaced) * 99
            < len(plan.moves) + len(plan.unplaced) * 99
        )
    assert planned(wish, around(shop, protocol, sessions, now)) == plan


@settings(max_examples=60)
@given(changes())
def test_a_change_touches_only_its_course_and_nothing_that_is_over(case):
    wish, shop, protocol, sessions, now = case
    plan = planned(wish, around(shop, protocol, sessions, now))
    known = by_id(sessions)
    touched = {each.session_id for each in (*plan.moves, *plan.ends, *plan.slides)}
    assert touched <= set(known)
    named = {wish.session_id}
    assert all(
        known[id_].facts.starts_at is None or known[id_].facts.starts_at > now or id_ in named for id_ in touched
    )


# All that follow


def lawful_when_shifted(sessions, number, delta, shop):
    """Whether all doses from this one on could go exactly so far: a shift inside a course week may fill it."""
    doses = [one for one in sessions if one.facts.kind is DOSING]
    return not broken([shift_of(one, delta, shop) if one.facts.number >= number else one for one in doses], shop)


def shift_of(one, delta, shop):
    start = shifted(one.facts.starts_at, delta, shop.zone)
    minutes = timedelta(minutes=one.facts.protocol.visits[DOSING].minutes)
    moved = at_slot(one, Slot(start, start + minutes, ()))
    return replace(
        moved, days=one.days.later((local_date(start, shop.zone) - local_date(one.facts.starts_at, shop.zone)).days)
    )


@settings(max_examples=40)
@given(
    start=st.sampled_from([date(2027, 2, 23), date(2027, 3, 2), date(2027, 10, 19)]),
    number=st.integers(1, 6),
    days=st.integers(-1, 6),
    hours=st.integers(-2, 4),
)
def test_all_that_follow_keep_their_wall_clock_over_a_clock_change_and_moving_back_restores(start, number, days, hours):
    shop = Shop(weekdays=range(7), each=3)
    sessions = enrolled(shop, SPRAVATO, start, most=8)
    slot = moved_by(sessions, number, shop, SPRAVATO, days=days, hours=hours)
    assume(slot is not None and (days, hours) != (0, 0))
    plan = planned(change("move", number, scope=Scope.FOLLOWING, slot=slot), around(shop, SPRAVATO, sessions, NOW))
    delta = timedelta(days=days, hours=hours)
    assume(not plan.refusals and lawful_when_shifted(sessions, number, delta, shop))
    later = [move for move in plan.moves if move.kind == "dosing"]
    assert len(later) == 8 - number + 1
    assert {wall_delta(move.was, move.to, NEW_YORK) for move in later} == {delta}
    after = carried_out(sessions, plan)
    assert all(
        one.days == by_id(sessions)[one.id].days.later(days)
        for one in after
        if one.facts.number >= number and one.facts.kind is DOSING
    )
    back = next(one.slot for one in sessions if one.id == dose(number))
    again = planned(change("move", number, scope=Scope.FOLLOWING, slot=back), around(shop, SPRAVATO, after, NOW))
    assert not again.refusals
    restored = carried_out(after, again)
    assert times(restored, DOSING) == times(sessions, DOSING)  # windows of follow-up visits count elapsed hours
    assert {one.id: one.days for one in restored} == {one.id: one.days for one in sessions}


def test_who_cannot_keep_the_shift_goes_to_the_nearest_free_time():
    shop = Shop()
    sessions = enrolled(shop, IV, TUESDAY)
    taken = at("2027-02-17 13:00")
    shop.take_all("chair", taken, taken + timedelta(hours=3))
    slot = moved_by(sessions, 1, shop, IV, days=1, hours=4)
    plan = planned(change("move", 1, scope=Scope.FOLLOWING, slot=slot), around(shop, IV, sessions, NOW))
    assert codes(plan) == []
    wish = {move.number: wall_delta(move.was, move.to, NEW_YORK) for move in plan.moves if move.kind == "dosing"}
    assert wish[3] != timedelta(days=1, hours=4)
    assert {delta for number, delta in wish.items() if number != 3} == {timedelta(days=1, hours=4)}
    assert plan.optimal


def test_all_that_follow_are_pushed_back_by_two_weeks_and_none_is_lost():
    shop = Shop()
    sessions = enrolled(shop, IV, TUESDAY)
    wish = change("defer", 3, scope=Scope.FOLLOWING, by_days=14, cause=Cause.PATIENT)
    plan = planned(wish, around(shop, IV, sessions, NOW))
    assert (codes(plan), plan.ends) == ([], ())
    after = by_id(carried_out(sessions, plan))
    for one in sessions:
        days = 14 if one.facts.number >= 3 else 0
        assert after[one.id].days == one.days.later(days)
        assert after[one.id].facts.starts_at == one.facts.starts_at + timedelta(days=days)


def by_trying_everything(sessions, number, delta, shop, protocol):
    """The least total distance from the shifted times among all lawful choices."""
    rooms = around(shop, protocol, sessions, NOW).rooms(
        frozenset(one.id for one in sessions), TUESDAY, date(2027, 3, 12)
    )
    later = [one for one in sessions if one.facts.kind is DOSING and one.facts.number >= number]
    wishes = [shifted(one.facts.starts_at, delta, shop.zone) for one in later]
    free = list(rooms.free(DOSING, TUESDAY, date(2027, 3, 5)))
    near = [[slot for slot in free if abs(slot.starts_at - wish) <= timedelta(hours=26)] for wish in wishes[1:]]
    first = next(slot for slot in free if slot.starts_at == wishes[0])
    best = None
    for others in product(*near):
        chosen = (first, *others)
        after = [replace(one, days=one.days.later(delta.days)) for one in sessions if one.facts.number >= number]
        after = [one for one in sessions if one.facts.number < number] + after
        placed = {one.id: slot for one, slot in zip(later, chosen, strict=True)}
        tried = [at_slot(one, placed[one.id]) if one.id in placed else one for one in after if one.facts.kind is DOSING]
        if broken(tried, shop):
            continue
        far = sum(abs(slot.starts_at - wish).total_seconds() for slot, wish in zip(chosen, wishes, strict=True))
        best = far if best is None else min(best, far)
    return best


@settings(max_examples=8)
@given(st.lists(st.tuples(st.integers(0, 14), st.integers(7, 15)), max_size=5), st.integers(0, 2))
def test_the_shift_equals_the_best_of_all_lawful_choices(taken, days):
    shop = Shop(weekdays=range(6), each=1)
    sessions = [one for one in enrolled(shop, SPRAVATO, TUESDAY, most=3) if one.facts.kind is DOSING]
    for day, hour in taken:
        begins = wall(TUESDAY + timedelta(days=day), time(hour), NEW_YORK)
        shop.take_all("chair", begins, begins + timedelta(hours=5))
    sessions = [replace(one, slot=None) for one in sessions]  # its own place counts only where it is free
    slot = moved_by(sessions, 1, shop, SPRAVATO, days=days, hours=1)
    assume(slot is not None)
    plan = planned(change("move", 1, scope=Scope.FOLLOWING, slot=slot), around(shop, SPRAVATO, sessions, NOW))
    assume(not plan.refusals and not plan.unplaced)
    delta = timedelta(days=days, hours=1)
    far = sum(abs(move.to - shifted(move.was, delta, NEW_YORK)).total_seconds() for move in plan.moves)
    still = [one for one in sessions if one.id not in {move.session_id for move in plan.moves}]
    far += sum(
        abs(shifted(one.facts.starts_at, delta, NEW_YORK) - one.facts.starts_at).total_seconds() for one in still
    )
    best = by_trying_everything(sessions, 1, delta, shop, SPRAVATO)
    assert best is None or far <= best


# From a date


def test_from_a_date_on_mondays_and_thursdays_near_two():
    shop = Shop()
    sessions = enrolled(shop, SPRAVATO, TUESDAY, most=8)
    wish = change("move", scope=Scope.FROM, from_on=date(2027, 2, 23), weekdays=(0, 3), around=time(14))
    plan = planned(wish, around(shop, SPRAVATO, sessions, NOW))
    assert (codes(plan), plan.unplaced, plan.optimal) == ([], (), True)
    after = carried_out(sessions, plan)
    changed = [one for one in after if one.facts.kind is DOSING and one.facts.number >= 5]
    shown = [local(one.facts.starts_at, NEW_YORK) for one in changed]
    assert {(one.weekday() in (0, 3), one.time()) for one in shown} == {(True, time(14))}
    assert [one.facts.starts_at for one in after if one.facts.number < 5 and one.facts.kind is DOSING] == [
        one.facts.starts_at for one in sessions if one.facts.number < 5 and one.facts.kind is DOSING
    ]
    assert broken(after, shop) == []
    assert all(one.days.target_on == local_date(one.facts.starts_at, NEW_YORK) for one in changed)


def test_sessions_without_a_time_are_meant_for_the_new_days_too():
    shop = Shop()
    sessions = enrolled(shop, SPRAVATO, TUESDAY, most=8, booked=False)
    wish = change("move", scope=Scope.FROM, from_on=date(2027, 2, 16), weekdays=(0, 3), around=time(14))
    plan = planned(wish, around(shop, SPRAVATO, sessions, NOW))
    assert plan.moves == ()
    targets = {slide.number: slide.to.target_on for slide in plan.slides if slide.kind == "dosing"}
    assert targets
    assert {day.weekday() for day in targets.values()} <= {0, 3}
    again = planned(wish, around(shop, SPRAVATO, carried_out(sessions, plan), NOW))
    assert not [slide for slide in again.slides if slide.kind == "dosing"]


# What does not happen


def in_course(protocol=IV, **known):
    shop = Shop()
    return shop, enrolled(shop, protocol, TUESDAY, **known)


def missed(number, protocol=IV, by="coordinator", **known):
    shop, sessions = in_course(protocol)
    now = by_id(sessions)[dose(number)].facts.starts_at + timedelta(minutes=20)
    return sessions, planned(
        change("miss", number, cause=Cause.PATIENT, **known), around(shop, protocol, sessions, now, by=by)
    )


def test_a_missed_induction_dose_shifts_nothing_and_asks_for_a_call():
    _, plan = missed(4, SPRAVATO)
    assert [(end.number, end.kind, end.becomes) for end in plan.ends if end.kind == "dosing"] == [
        (4, "dosing", Status.MISSED)
    ]
    assert (plan.moves, plan.adds, plan.slides) == ((), (), ())
    assert [asked.code for asked in plan.asks] == [TaskCode.MISSED_CALL]
    assert (plan.follows.policy, plan.follows.usual) == (MissedPolicy.CONTINUE, MissedPolicy.CONTINUE)
    assert MissedPolicy.APPEND in plan.follows.choices


def test_where_the_protocol_appends_the_replacement_and_its_follow_up_are_shown():
    sessions, plan = missed(1)
    added, bound = plan.adds
    last = by_id(sessions)[dose(6)]
    assert (added.number, added.replaces_id, added.days.target_on) == (
        7,
        dose(1),
        last.days.target_on + timedelta(days=2),
    )
    assert (bound.kind, bound.of_number) == (SessionKind.INTEGRATION, 7)
    assert [(end.kind, end.becomes) for end in plan.ends] == [
        ("dosing", Status.MISSED),
        ("integration", Status.CANCELLED),
    ]


def test_only_a_clinician_decides_otherwise():
    _, plan = missed(1, then=MissedPolicy.CONTINUE)
    assert codes(plan) == [Code.WRONG_CLINICIAN_ROLE]
    _, plan = missed(1, then=MissedPolicy.CONTINUE, by="clinician")
    assert (codes(plan), plan.adds, plan.follows.usual) == ([], (), MissedPolicy.APPEND)
    _, plan = missed(4, SPRAVATO, then=MissedPolicy.APPEND, by="clinician")
    assert (codes(plan), [add.number for add in plan.adds if add.kind is DOSING]) == ([], [13])


def test_a_replacement_in_an_earlier_phase_keeps_the_order_of_phases():
    shop, sessions = in_course(SPRAVATO)
    now = by_id(sessions)[dose(4)].facts.starts_at + timedelta(minutes=20)
    wish = change("miss", 4, cause=Cause.PATIENT, then=MissedPolicy.SLIDE)
    plan = planned(wish, around(shop, SPRAVATO, sessions, now, by="clinician"))
    assert codes(plan) == []
    (added,) = [add for add in plan.adds if add.kind is DOSING]
    assert (added.phase, added.number) == ("induction", 13)
    slid = {slide.number for slide in plan.slides if slide.kind == "dosing"}
    assert slid == {9, 10, 11, 12}
    after = by_id(carried_out(sessions, plan))
    assert added.days.target_on < after[dose(9)].days.target_on
    assert after[dose(9)].facts.starts_at == by_id(sessions)[dose(9)].facts.starts_at + timedelta(days=4)


def test_a_replacement_that_the_phase_allows_no_more_is_for_a_clinician():
    shop, sessions = in_course()
    late = [replace(one, days=one.days.later(30)) if one.id == dose(6) else one for one in sessions]
    now = by_id(late)[dose(1)].facts.starts_at + timedelta(minutes=20)
    plan = planned(change("miss", 1), around(shop, IV, late, now))
    assert (plan.adds, plan.follows.policy) == ((), MissedPolicy.CLINICIAN)
    assert TaskCode.MISSED_REVIEW in [asked.code for asked in plan.asks]


def test_what_is_left_out_on_purpose_is_not_replaced_and_what_is_deferred_is_a_clinicians():
    shop, sessions = in_course()
    assert planned(change("omit", 2), around(shop, IV, sessions, NOW)).adds == ()
    deferred = planned(change("defer", 2), around(shop, IV, sessions, NOW))
    assert [asked.code for asked in deferred.asks] == [TaskCode.DEFERRED_REVIEW]
    decided = planned(change("defer", 2, then=MissedPolicy.APPEND), around(shop, IV, sessions, NOW, by="clinician"))
    assert (len(decided.adds), decided.asks) == (2, ())


def test_all_or_none_end_and_every_reason_against_each_is_named():
    shop, sessions = in_course()
    here = [
        replace(one, facts=replace(one.facts, status=Status.ARRIVED, arrived_at=NOW)) if one.id == dose(2) else one
        for one in sessions
    ]
    plan = planned(change("cancel", 2, scope=Scope.FOLLOWING), around(shop, IV, here, NOW))
    assert [(refusal.code, refusal.data["number"]) for refusal in plan.refusals] == [(Code.NOT_CANCELLABLE, 2)]
    whole = planned(change("cancel", 3, scope=Scope.FOLLOWING), around(shop, IV, here, NOW))
    ended = [(end.kind, end.number) for end in whole.ends]
    assert [number for kind, number in ended if kind == "dosing"] == [3, 4, 5, 6]
    assert len([1 for kind, _ in ended if kind == "integration"]) == 4
    assert whole.adds == ()


def test_nothing_in_scope_is_said():
    shop, sessions = in_course()
    wish = change("cancel", scope=Scope.FROM, from_on=date(2028, 1, 1))
    assert codes(planned(wish, around(shop, IV, sessions, NOW))) == [Code.NOTHING_IN_SCOPE]


@pytest.mark.parametrize(("verb", "scope"), [("miss", Scope.FOLLOWING), ("add", Scope.FROM), ("reseat", Scope.FROM)])
def test_not_every_verb_goes_for_several(verb, scope):
    shop, sessions = in_course()
    wish = change(verb, 1, scope=scope, from_on=TUESDAY)
    assert codes(planned(wish, around(shop, IV, sessions, NOW))) == [Code.WRONG_SCOPE]


# One more


def addition(kind=DOSING, **known):
    days = {"target_on": date(2027, 3, 9), "earliest_on": date(2027, 3, 8), "latest_on": date(2027, 3, 12)}
    return Change(ChangeVerb.ADD, COURSE, addition=Addition(kind, **(days | known)))


@pytest.mark.parametrize("kind", [DOSING, SessionKind.CONSULT, SessionKind.PREPARATION, SessionKind.REVIEW])
def test_one_more_of_any_kind_gets_the_next_number(kind):
    shop, sessions = in_course()
    (added,) = planned(addition(kind), around(shop, IV, sessions, NOW)).adds
    assert (added.kind, added.number, added.phase) == (kind, 7 if kind is DOSING else 1, "induction")
    assert added.days == Days(date(2027, 3, 9), date(2027, 3, 8), date(2027, 3, 12))


def test_an_integration_session_belongs_to_one_dose_that_has_none():
    shop, sessions = in_course()
    one = SessionKind.INTEGRATION
    assert codes(planned(addition(one), around(shop, IV, sessions, NOW))) == [Code.NOT_A_DOSE]
    full = addition(one, of_session_id=dose(1))
    assert codes(planned(full, around(shop, IV, sessions, NOW))) == [Code.ALREADY_THERE]
    without = [each for each in sessions if each.facts.of_session_id != dose(1)]
    plan = planned(full, around(shop, IV, without, NOW))
    assert (codes(plan), plan.adds[0].of_session_id) == ([], dose(1))
    assert codes(planned(addition(of_session_id=dose(1)), around(shop, IV, sessions, NOW))) == [Code.NOT_A_DOSE]


def test_a_replacement_stands_in_once_for_what_did_not_happen():
    shop, sessions = in_course()
    wish = addition(replaces_id=dose(2))
    assert codes(planned(wish, around(shop, IV, sessions, NOW))) == [Code.WRONG_STATUS]
    off = [
        replace(one, facts=replace(one.facts, status=Status.MISSED)) if one.id == dose(2) else one for one in sessions
    ]
    assert codes(planned(wish, around(shop, IV, off, NOW))) == []
    done = [*off, replace(off[5], facts=replace(off[5].facts, id=dose(9), number=9), replaces_id=dose(2))]
    assert codes(planned(wish, around(shop, IV, done, NOW))) == [Code.ALREADY_THERE]


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({"phase": "nowhere"}, Code.NOT_A_CHOICE),
        ({"latest_on": date(2027, 3, 1)}, Code.OUTSIDE_SPAN),
        ({"target_on": date(2027, 3, 30)}, Code.OUTSIDE_SPAN),
        ({"latest_on": date(2027, 6, 30)}, Code.OUTSIDE_SPAN),  # every search would look at all of it
        ({"earliest_on": date(2000, 1, 1), "latest_on": date(2099, 12, 31)}, Code.OUTSIDE_SPAN),
        ({each: date(2099, 3, 9) for each in ("earliest_on", "target_on", "latest_on")}, Code.OUTSIDE_SPAN),
    ],
)
def test_a_phase_that_is_none_and_a_span_that_runs_backward_too_long_or_too_far_are_refused(known, code):
    shop, sessions = in_course()
    assert codes(planned(addition(**known), around(shop, IV, sessions, NOW))) == [code]
    assert codes(planned(addition(), around(shop, IV, sessions, NOW, course_status="completed"))) == [
        Code.COURSE_NOT_ACTIVE
    ]


# Chairs and staff


def other_seats(session, shop):
    """The slot of this session with the second chair instead of the first, or the other way round."""
    first, second = shop.ids["chair"]
    seats = [
        seat._replace(resource_id=second if seat.resource_id == first else first) if seat.kind == "chair" else seat
        for seat in session.slot.seats
    ]
    return Slot(session.slot.starts_at, session.slot.ends_at, tuple(seats))


def test_the_same_chair_for_all_that_follow_where_it_is_free_and_the_others_are_listed():
    shop, sessions = in_course()
    third = by_id(sessions)[dose(3)]
    slot = other_seats(by_id(sessions)[dose(2)], shop)
    chair = next(seat for seat in slot.seats if seat.kind == "chair")
    shop.others.append(chair._replace(from_at=third.facts.starts_at, until_at=third.facts.ends_at))
    plan = planned(change("reseat", 2, scope=Scope.FOLLOWING, slot=slot), around(shop, IV, sessions, NOW))
    assert codes(plan) == []
    assert [each.number for each in plan.reseats] == [2, 4, 5, 6]
    assert [(stay.number, stay.why[0].code) for stay in plan.stays] == [(3, Code.SLOT_TAKEN)]
    assert all(chair.resource_id in {seat.resource_id for seat in each.slot.seats} for each in plan.reseats)
    assert broken(carried_out(sessions, plan), shop) == []


# Patients themselves


def test_patients_change_their_own_one_by_one():
    shop, sessions = in_course()
    slot = moved_by(sessions, 3, shop, IV, hours=2)
    own = around(shop, IV, sessions, NOW, by="patient")
    assert codes(planned(change("move", 3, slot=slot), own)) == []
    assert codes(planned(change("move", 3, slot=slot, scope=Scope.FOLLOWING), own)) == [Code.WRONG_SCOPE]
    assert codes(planned(change("omit", 3), own)) == [Code.WRONG_SCOPE]
    assert codes(planned(change("cancel", 3), own)) == []


def test_a_patients_move_costs_no_other_session_its_time():
    shop, sessions = in_course()
    narrow = [
        replace(one, days=replace(one.days, latest_on=one.days.target_on)) if one.id == dose(4) else one
        for one in sessions
    ]
    slot = moved_by(narrow, 3, shop, IV, days=2)
    own = planned(change("move", 3, slot=slot), around(shop, IV, narrow, NOW, by="patient"))
    assert set(codes(own)) == {Code.LEAVES_UNPLACED}
    plan = planned(change("move", 3, slot=slot), around(shop, IV, narrow, NOW))
    assert (codes(plan), [move.number for move in plan.unplaced]) == ([], [4, 4])


def test_a_later_dose_never_ends_up_before_the_one_that_moved():
    shop, sessions = in_course()
    slot = moved_by(sessions, 2, shop, IV, days=5)
    plan = planned(change("move", 2, slot=slot), around(shop, IV, sessions, NOW))
    assert codes(plan) == []
    assert broken(carried_out(sessions, plan), shop) == []


def test_after_a_session_that_is_no_dose_follow_those_of_its_kind():
    shop, sessions = in_course()
    wish = Change(ChangeVerb.CANCEL, COURSE, follow_up(4), Scope.FOLLOWING)
    found = meant(wish, around(shop, IV, sessions, NOW))
    assert [one.id for one in found] == [follow_up(4), follow_up(5), follow_up(6)]


def test_a_long_course_is_placed_anew_while_one_looks():
    shop = Shop(each=10)
    long = resolve(SPRAVATO, {"phases": {"induction": {"sessions": 30, "weeks": 15}}})
    sessions = enrolled(shop, long, TUESDAY)
    assert len(sessions) >= 30
    slot = moved_by(sessions, 2, shop, long, days=1)
    began = perf_counter()
    plan = planned(change("move", 2, scope=Scope.FOLLOWING, slot=slot), around(shop, long, sessions, NOW))
    assert perf_counter() - began < 5
    assert (codes(plan), plan.optimal) == ([], True)
