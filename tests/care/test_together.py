"""Several sessions at once: every rule kept, no better choice left out, and alternatives that fit the rest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from care.course.plan import Preferences, plan
from care.course.together import Proposal, Terms, Unbooked, Wish, conflicts, propose
from care.course.together.wish import UNWISHED, Aim, aim_of, days_between
from care.facts import SessionFacts, SessionKind
from care.protocols import load
from care.refusals import Code
from care.times import local, local_date, wall
from care.windows import integration_window
from tests.care.clocks import NEW_YORK, ZONES
from tests.care.visits import at, session

IV_6, TWICE = load("iv_6"), load("spravato_trd")
DAY = timedelta(days=1)
EARLY = at("2027-01-20 08:00")
TUESDAYS_AND_FRIDAYS = Wish(NEW_YORK, (1, 4), time(10))
TERMS = Terms(NEW_YORK, "active", EARLY, by_staff=True, seven_day_reason=False, freeze=timedelta(hours=48))
OPEN = tuple(f"{hour:02}:{half}" for hour in range(8, 17) for half in ("00", "30"))


def free(first: date, last: date, clocks: Sequence[str] = OPEN, zone: str = NEW_YORK) -> tuple[datetime, ...]:
    """A start at each of these clock times on every day but Sundays."""
    days = [day for day in days_between(first, last) if day.weekday() != 6]
    return tuple(wall(day, time.fromisoformat(clock), zone) for day in days for clock in clocks)


def planned(protocol=IV_6, *, start=date(2027, 2, 2), weekdays=(1, 4), zone=NEW_YORK) -> list[Unbooked]:
    """The sessions of a whole course as its plan has them, the resources free all day."""
    wanted = plan(protocol, start, Preferences(weekdays), zone)
    facts = [
        session(
            one.number,
            None,
            kind=one.kind,
            protocol=protocol,
            phase=one.phase,
            of_session_id=session(one.of_number, None, protocol=protocol).id if one.of_number else None,
        )
        for one in wanted
    ]
    return [
        Unbooked(fact, (one.earliest_on, one.latest_on), one.target_on, free(one.earliest_on, one.latest_on, zone=zone))
        for fact, one in zip(facts, wanted, strict=True)
    ]


def doses(unbooked: Sequence[Unbooked], most: int = 99) -> list[Unbooked]:
    return [one for one in unbooked if one.session.kind is SessionKind.DOSING][:most]


def facts(unbooked: Sequence[Unbooked]) -> list[SessionFacts]:
    return [one.session for one in unbooked]


def times(proposal: Proposal) -> list[str]:
    """When each session would be, by the clock in New York."""
    return [
        local(one.starts_at, NEW_YORK).strftime("%a %d %H:%M") if one.starts_at else "-" for one in proposal.sessions
    ]


def test_a_phase_gets_the_days_and_the_time_that_were_wished_for():
    induction = doses(planned())
    proposal = propose(induction, facts(induction), TUESDAYS_AND_FRIDAYS, TERMS)
    assert times(proposal) == [f"{day} 10:00" for day in ("Tue 02", "Fri 05", "Tue 09", "Fri 12", "Tue 16", "Fri 19")]
    assert proposal.optimal
    assert not any(one.refusals or one.alternatives for one in proposal.sessions)


def test_a_day_that_is_full_takes_the_day_beside_it_and_says_why():
    induction = doses(planned())
    full = induction[2]
    induction[2] = replace(full, starts=tuple(start for start in full.starts if local_date(start, NEW_YORK).day != 9))
    proposal = propose(induction, facts(induction), TUESDAYS_AND_FRIDAYS, TERMS)
    assert times(proposal)[2:4] == ["Wed 10 10:00", "Fri 12 10:00"]
    third = proposal.sessions[2]
    assert third.wished_at == at("2027-02-09 10:00")
    assert third.refusals == ()  # no rule: it was only full
    assert third.alternatives[0] == at("2027-02-10 09:30")


def test_a_wish_for_one_day_a_week_spares_the_other_doses_of_the_week():
    induction = doses(planned())
    proposal = propose(induction, facts(induction), Wish(NEW_YORK, (1,), time(14)), TERMS)
    assert times(proposal)[0::2] == ["Tue 02 14:00", "Tue 09 14:00", "Tue 16 14:00"]
    second = proposal.sessions[1]
    assert second.starts_at is not None


def test_other_days_than_those_of_the_plan_move_every_target():
    induction = doses(planned(weekdays=(0, 3), start=date(2027, 2, 1)))
    proposal = propose(induction, facts(induction), TUESDAYS_AND_FRIDAYS, TERMS)
    assert times(proposal)[:4] == ["Tue 02 10:00", "Fri 05 10:00", "Tue 09 10:00", "Fri 12 10:00"]


def test_near_ten_is_ten_on_the_wall_on_both_sides_of_a_clock_change():
    induction = doses(planned(start=date(2027, 3, 9)), 3)
    proposal = propose(induction, facts(induction), TUESDAYS_AND_FRIDAYS, TERMS)
    starts = [one.starts_at for one in proposal.sessions]
    assert times(proposal) == ["Tue 09 10:00", "Fri 12 10:00", "Tue 16 10:00"]
    assert starts[2] - starts[1] == timedelta(hours=95)


def test_a_wish_is_read_by_the_clocks_of_the_zone_it_was_said_in():
    induction = doses(planned(), 2)
    proposal = propose(induction, facts(induction), Wish("America/Los_Angeles", (1, 4), time(10)), TERMS)
    assert times(proposal) == ["Tue 02 13:00", "Fri 05 13:00"]
    far = propose(induction, facts(induction), Wish("Asia/Tokyo", (2, 5), time(1)), TERMS)
    assert times(far) == ["Tue 02 11:00", "Fri 05 11:00"]  # one in the night of Wednesday and Saturday, in Tokyo


def test_integration_follows_in_the_windows_of_the_doses_as_they_are_proposed():
    whole = planned()
    proposal = propose(whole, facts(whole), Wish(NEW_YORK, (1, 4), time(13)), TERMS)
    placed = {one.session.id: one.starts_at for one in proposal.sessions if one.starts_at}
    bound = [one for one in proposal.sessions if one.session.kind is SessionKind.INTEGRATION]
    assert bound
    for one in bound:
        dose_at = placed[one.session.of_session_id]
        dose = replace(
            one.session, starts_at=dose_at, ends_at=dose_at + timedelta(minutes=IV_6.visits["dosing"].minutes)
        )
        opens, shuts = integration_window(dose)
        assert opens <= one.starts_at <= shuts
    assert not conflicts([(one, placed[one.session.id]) for one in whole], facts(whole), TERMS)


def test_an_alternative_for_a_dose_leaves_its_integration_inside_its_window():
    whole = planned()
    whole[0] = replace(whole[0], starts=tuple(start for start in whole[0].starts if local(start, NEW_YORK).hour > 10))
    proposal = propose(whole, facts(whole), TUESDAYS_AND_FRIDAYS, TERMS)
    first = proposal.sessions[0]
    assert first.alternatives
    placed = {one.session.id: one.starts_at for one in proposal.sessions if one.starts_at}
    for other in first.alternatives:
        instead = placed | {first.session.id: other}
        assert not conflicts([(one, instead[one.session.id]) for one in whole], facts(whole), TERMS)


def test_integration_after_a_dose_without_a_time_says_so():
    whole = planned()
    alone = [one for one in whole if one.session.kind is SessionKind.INTEGRATION][:1]
    proposal = propose(alone, facts(whole), TUESDAYS_AND_FRIDAYS, TERMS)
    assert [refusal.code for refusal in proposal.sessions[0].refusals] == [Code.DOSE_UNBOOKED]
    assert proposal.sessions[0].starts_at is None


def test_a_patient_is_offered_nothing_inside_the_freeze():
    induction = doses(planned(), 1)
    patients = replace(TERMS, by_staff=False, now=at("2027-02-01 12:00"))
    proposal = propose(induction, facts(induction), TUESDAYS_AND_FRIDAYS, patients)
    assert times(proposal) == ["Fri 05 10:00"]
    assert proposal.sessions[0].alternatives[0] == at("2027-02-05 09:30")
    assert Code.INSIDE_FREEZE in {refusal.code for refusal in proposal.sessions[0].refusals}


def test_a_reason_of_staff_lifts_the_rule_of_seven_dates():
    wished = Wish(NEW_YORK, (0, 2, 5), time(10))
    some = doses(planned(TWICE), 4)
    held = tuple(at(f"2027-02-{day:02} 10:00") for day in (2, 6, 8, 9, 12))
    some = [replace(one, starts=tuple(start for start in held if start in one.starts)) for one in some]
    keeping = propose(some, facts(some), wished, TERMS)
    breaking = propose(some, facts(some), wished, replace(TERMS, seven_day_reason=True))
    assert not conflicts(chosen(some, keeping), facts(some), TERMS)
    assert sum(one.starts_at is None for one in breaking.sessions) <= sum(
        one.starts_at is None for one in keeping.sessions
    )


# Against everything tried


def chosen(unbooked: Sequence[Unbooked], proposal: Proposal) -> list[tuple[Unbooked, datetime]]:
    placed = {one.session.id: one.starts_at for one in proposal.sessions if one.starts_at}
    return [(one, placed[one.session.id]) for one in unbooked if one.session.id in placed]


def missed_by(some: Sequence[Unbooked], starts: Sequence[datetime | None], wish: Wish, zone: str) -> tuple[int, int]:
    aims = [aim_of(one, wish, zone, None) for one in some]
    far = sum(aim.distance(start) for aim, start in zip(aims, starts, strict=True) if start)
    return sum(start is None for start in starts), far


def least(some: Sequence[Unbooked], known: Sequence[SessionFacts], wish: Wish, terms: Terms) -> tuple[int, int]:
    """By trying every choice of starts, one by one."""
    lawful = (
        missed_by(some, starts, wish, terms.zone)
        for starts in product(*((None, *one.starts) for one in some))
        if not conflicts([(one, start) for one, start in zip(some, starts, strict=True) if start], known, terms)
    )
    return min(lawful)


@st.composite
def small_courses(draw):
    """A few doses with a few free starts each, some doses booked already, in any zone and around clock changes."""
    zone = draw(st.sampled_from(ZONES))
    protocol = draw(st.sampled_from([IV_6, TWICE, load("home_seed_2_3w")]))
    begin = draw(st.sampled_from([date(2027, 3, 8), date(2027, 11, 1), date(2027, 6, 1)]))
    weekdays = draw(st.sampled_from([(), (1, 4), (0, 2, 4), (2,)]))
    course = doses(planned(protocol, start=begin, weekdays=weekdays, zone=zone), draw(st.integers(1, 4)))
    booked = draw(st.sampled_from([None, 0, len(course) - 1])) if len(course) > 1 else None
    known, some = [], []
    for number, one in enumerate(course):
        days = draw(st.lists(st.integers(-2, 7), min_size=1, max_size=3, unique=True))
        starts = tuple(sorted(wall(one.target + DAY * day, time(draw(st.integers(7, 18))), zone) for day in days))
        if number == booked:
            at_ten = wall(one.target, time(10), zone)
            known.append(session(one.session.number, at_ten, protocol=protocol, phase=one.session.phase))
        else:
            known.append(one.session)
            some.append(replace(one, starts=starts))
    said_in, weekdays = draw(st.sampled_from([zone, "Asia/Tokyo"])), draw(st.sampled_from([(), (1, 4), (3,)]))
    wish = Wish(said_in, weekdays, time(draw(st.integers(0, 23))))
    before = wall(begin - 14 * DAY, time(), zone)
    terms = replace(TERMS, zone=zone, now=before, seven_day_reason=draw(st.booleans()))
    return some, known, wish, terms


@given(small_courses())
@settings(max_examples=60)
def test_no_choice_of_all_misses_the_wish_by_less(drawn):
    some, known, wish, terms = drawn
    proposal = propose(some, known, wish, terms)
    places = {one.session.id: one.starts_at for one in proposal.sessions}
    assert proposal.optimal
    assert not conflicts(chosen(some, proposal), known, terms)
    found = missed_by(some, [places[one.session.id] for one in some], wish, terms.zone)
    assert found == least(some, known, wish, terms)


@given(small_courses())
@settings(max_examples=60)
def test_every_alternative_fits_the_rest_of_the_proposal(drawn):
    some, known, wish, terms = drawn
    proposal = propose(some, known, wish, terms)
    kept = {one.session.id: start for one, start in chosen(some, proposal)}
    for each in proposal.sessions:
        for other in each.alternatives:
            instead = {**kept, each.session.id: other}
            picked = [(one, instead[one.session.id]) for one in some if one.session.id in instead]
            assert not conflicts(picked, known, terms)
        if each.starts_at is None:
            assert each.alternatives == ()


@given(small_courses(), st.integers(1, 3))
@settings(max_examples=20)
def test_a_limit_reached_still_keeps_every_rule(drawn, limit):
    some, known, wish, terms = drawn
    proposal = propose(some, known, wish, terms, limit=limit)
    assert not conflicts(chosen(some, proposal), known, terms)


@given(st.sampled_from(ZONES), st.dates(date(2026, 1, 1), date(2029, 12, 31)), st.integers(0, 47))
@example(NEW_YORK, date(2027, 3, 14), 5)
def test_the_wished_time_itself_is_missed_by_nothing_but_what_clocks_skip(zone, day, half_hours):
    wish = Wish(zone, (day.weekday(),), time(half_hours // 2, 30 * (half_hours % 2)))
    aim = Aim(day, wish, zone)
    start = aim.wished_at([day])
    assert start is None or aim.distance(start) < UNWISHED
    if start is not None and local(start, zone).time() == wish.around:
        assert aim.distance(start) == 0
