"""Somebody is away: those whom it hits get other lawful times in a fair order, and an exchange never makes it worse."""

from datetime import date, datetime, time, timedelta
from itertools import combinations
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from care.course.closing import HitCourse, Sitting, propose
from care.course.closing.placing import Placing, cost_of
from care.course.slots import Seat, Slot
from care.course.spacing import spacing_refusals
from care.facts import SessionKind
from care.times import local_date, wall
from tests.care.cast import AT_THE_CLINIC, NEW_YORK, dose, integration_of

CHAIR, THERAPIST = UUID(int=1), UUID(int=2)
FIRST = date(2027, 5, 3)  # a Monday
KINDS = {SessionKind.DOSING: CHAIR, SessionKind.INTEGRATION: THERAPIST}
RULES = AT_THE_CLINIC


class Book:
    """A chair with lanes and a therapist, open each day at whole hours from `opens` to `closes`, kept on one page."""

    def __init__(self, *, chairs=1, days=14, opens=9, closes=17, closed=()):
        self.lanes = {CHAIR: chairs, THERAPIST: 1}
        hours = [(day, hour) for day in range(days) for hour in range(opens, closes)]
        self.starts = [wall(FIRST + timedelta(days=day), time(hour), NEW_YORK) for day, hour in hours]
        self.closes = closes
        self.taken = list(closed)

    def free(self, visit, *, within=None):
        resource = CHAIR if visit is RULES.visits["dosing"] else THERAPIST
        slots = [
            self.at(resource, lane, start, visit)
            for start in self.starts
            for lane in range(1, self.lanes[resource] + 1)
        ]
        free: dict[datetime, Slot] = {}
        for slot in slots:
            if self._open(slot) and not any(clash(slot, other) for other in self.taken):
                free.setdefault(slot.starts_at, slot)
        return [slot for slot in free.values() if within is None or within[0] <= slot.starts_at < within[1]]

    def _open(self, slot):
        return slot.ends_at <= wall(local_date(slot.starts_at, NEW_YORK), time(self.closes), NEW_YORK)

    @staticmethod
    def at(resource, lane, start, visit):
        end = start + timedelta(minutes=visit.minutes)
        return Slot(start, end, (Seat(resource, "chair", lane, start, end),))

    def take(self, slot):
        self.taken.append(slot)

    def give_back(self, slot):
        self.taken.remove(slot)


def clash(one, other):
    return any(
        (a.resource_id, a.lane) == (b.resource_id, b.lane) and a.from_at < b.until_at and b.from_at < a.until_at
        for a in one.seats
        for b in other.seats
    )


def closed(resource, from_at, until_at, lanes=1):
    seats = tuple(Seat(resource, "chair", lane, from_at, until_at) for lane in range(1, lanes + 1))
    return Slot(from_at, until_at, seats)


def day_at(day, hour):
    return wall(FIRST + timedelta(days=day), time(hour), NEW_YORK)


def sitting(facts, *, lane=1, hit=False, span=(1, 30), **more):
    slot = Book.at(KINDS[facts.kind], lane, facts.starts_at, RULES.visits[facts.kind])
    days = tuple(FIRST + timedelta(days=day) for day in span)
    usual = {"target": local_date(facts.starts_at, NEW_YORK), "confirmed": False, "frozen": False}
    return Sitting(facts, slot, hit, days, **(usual | more))


def a_course(number, *doses, others=(), known=()):
    """Doses as (day, hour) or sittings, numbered in order."""
    identity = UUID(int=1000 + number)
    made = []
    for count, one in enumerate(doses, start=1):
        day, hour, *more = one
        facts = dose(day_at(day, hour), number=count, id=UUID(int=number * 100 + count), course_id=identity)
        made.append(sitting(facts, **(more[0] if more else {})))
    first = next((place for place, one in enumerate(made) if one.hit), len(made))
    stays = tuple(one.facts for one in made[:first])
    return HitCourse(identity, RULES, tuple(made[first:]), tuple(others), (*stays, *known))


HIT = {"hit": True}
TUESDAY = (day_at(1, 0), day_at(2, 0))


def test_whoever_comes_in_the_afternoon_is_not_moved_to_the_early_morning():
    """Fewer hours away, but neither a patient's day nor a support person's work is counted so."""
    course = a_course(1, (1, 14, HIT | {"span": (2, 6)}))
    proposal = propose([course], Book(closed=[closed(CHAIR, *TUESDAY)]), NEW_YORK)
    assert [place.starts_at for place in proposal.places.values()] == [day_at(2, 14)]


def test_another_chair_at_the_same_time_is_no_move():
    course = a_course(1, (1, 10, HIT))
    book = Book(chairs=2, closed=[closed(CHAIR, *TUESDAY)])
    proposal = propose([course], book, NEW_YORK)
    (place,) = proposal.places.values()
    assert (place.starts_at, place.seats[0].lane, proposal.cost) == (day_at(1, 10), 2, (0, 0, 0, 0, 0))


def test_a_hit_dose_goes_to_the_nearest_day_at_its_hour_and_the_later_ones_stay():
    course = a_course(1, (1, 10, HIT), (4, 10), (8, 10))
    proposal = propose([course], Book(closed=[closed(CHAIR, *TUESDAY)]), NEW_YORK)
    assert [place.starts_at for place in proposal.places.values()] == [day_at(2, 10)]


def test_a_later_dose_moves_only_where_a_hit_one_finds_no_place_otherwise():
    hit = {"hit": True, "span": (1, 2)}
    course = a_course(1, (1, 10, hit), (3, 10, {"span": (3, 9)}), (8, 10))
    proposal = propose([course], Book(closed=[closed(CHAIR, *TUESDAY)]), NEW_YORK)
    places = {identity.int: place.starts_at for identity, place in proposal.places.items()}
    assert places == {101: day_at(2, 10), 102: day_at(4, 10)}
    assert proposal.cost[:4] == (0, 0, 0, 2)


def test_integration_follows_its_dose_and_stays_where_its_window_still_holds():
    first = dose(day_at(1, 10), number=1, id=UUID(int=101), course_id=UUID(int=1001))
    follow = integration_of(first, id=UUID(int=150), starts_at=day_at(2, 13), ends_at=day_at(2, 14))
    course = HitCourse(UUID(int=1001), RULES, (sitting(first, hit=True),), (sitting(follow),), ())
    moved = propose([course], Book(closed=[closed(CHAIR, *TUESDAY)]), NEW_YORK).places
    assert moved[first.id].starts_at == day_at(2, 10)
    assert moved[follow.id].starts_at == day_at(3, 13)  # more than a day after the end of the dose, at its own hour
    stays = propose([course], Book(closed=[closed(CHAIR, day_at(1, 10), day_at(1, 11))]), NEW_YORK).places
    assert set(stays) == {first.id}


def test_an_integration_session_whose_dose_has_nowhere_to_go_has_no_place_either():
    first = dose(day_at(1, 10), number=1, id=UUID(int=101), course_id=UUID(int=1001))
    follow = integration_of(first, id=UUID(int=150), starts_at=day_at(2, 13), ends_at=day_at(2, 14))
    course = HitCourse(UUID(int=1001), RULES, (sitting(first, hit=True, span=(1, 1)),), (sitting(follow),), ())
    assert set(propose([course], Book(closed=[closed(CHAIR, *TUESDAY)]), NEW_YORK).places.values()) == {None}


def test_a_person_may_leave_a_session_out_or_choose_its_time():
    shut = closed(CHAIR, *TUESDAY)
    left = a_course(1, (1, 10, {"hit": True, "only": ()}))
    assert set(propose([left], Book(closed=[shut]), NEW_YORK).places.values()) == {None}
    wish = Book.at(CHAIR, 1, day_at(3, 15), RULES.visits["dosing"])
    chosen = a_course(1, (1, 10, {"hit": True, "only": (wish,)}))
    assert list(propose([chosen], Book(closed=[shut]), NEW_YORK).places.values()) == [wish]


def test_who_is_inside_the_freeze_chooses_first_then_who_comes_earlier():
    only = {"hit": True, "span": (1, 2)}
    shut = [closed(CHAIR, *TUESDAY, lanes=3), closed(CHAIR, day_at(2, 12), day_at(3, 0), lanes=3)]
    early, late = a_course(1, (1, 9, only)), a_course(2, (1, 13, {**only, "lane": 2}))
    book = Book(closed=shut)  # Wednesday morning has room for one
    assert [bool(each) for each in propose([late, early], book, NEW_YORK).places.values()] == [False, True]
    frozen = a_course(2, (1, 13, {**only, "lane": 2, "frozen": True}))
    places = propose([early, frozen], Book(closed=shut), NEW_YORK).places
    assert (places[UUID(int=101)], bool(places[UUID(int=201)])) == (None, True)


def test_two_courses_exchange_when_that_disturbs_both_together_less():
    """The first by the order takes the only time that the second could have; the other way round both find one."""
    shut = [
        closed(CHAIR, *TUESDAY),
        closed(CHAIR, day_at(2, 12), day_at(4, 0)),
        closed(CHAIR, day_at(4, 12), day_at(30, 0)),
    ]
    early = a_course(1, (1, 9, {"hit": True, "span": (1, 9)}))
    late = a_course(2, (1, 13, {"hit": True, "span": (1, 2)}))
    proposal = propose([early, late], Book(closed=shut), NEW_YORK)
    assert {key.int: local_date(place.starts_at, NEW_YORK) for key, place in proposal.places.items()} == {
        101: FIRST + timedelta(days=4),
        201: FIRST + timedelta(days=2),
    }
    assert proposal.exchanges == 1
    assert propose([early, late], Book(closed=shut), NEW_YORK, tries=0).cost[0] == 1


@st.composite
def clinics(draw):
    """Up to five courses of three doses on distinct lanes or hours, of which a closed day or two hit some."""
    chairs = draw(st.integers(1, 2))
    from_day = draw(st.integers(0, 4))
    shut = (day_at(from_day, draw(st.integers(0, 12))), day_at(from_day + draw(st.integers(1, 3)), 0))
    lanes = draw(st.integers(1, chairs))
    courses: list[HitCourse] = []
    taken: list[Slot] = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        made = []
        for day in (draw(st.integers(0, 2)), 4, draw(st.integers(7, 8))):
            facts = (
                day,
                draw(st.integers(9, 15)),
                {"lane": draw(st.integers(1, chairs)), "span": (0, draw(st.integers(3, 12)))},
            )
            slot = Book.at(CHAIR, facts[2]["lane"], day_at(*facts[:2]), RULES.visits["dosing"])
            if any(clash(slot, other) for other in taken):
                continue
            taken.append(slot)
            hit = facts[2]["lane"] <= lanes and slot.starts_at < shut[1] and shut[0] < slot.ends_at
            frozen = day < 2
            made.append((*facts[:2], {**facts[2], "hit": hit, "frozen": frozen, "confirmed": draw(st.booleans())}))
        course = a_course(number, *made)
        if any(one.hit for one in course.doses):
            courses.append(course)
    hit_slots = [one.has for course in courses for one in course.sittings]
    others = [slot for slot in taken if slot not in hit_slots]
    return Made((chairs, closed(CHAIR, *shut, lanes=lanes), courses, others))


class Made(tuple[int, Slot, list[HitCourse], list[Slot]]):
    """Short enough to be read when a property fails."""

    __slots__ = ()

    def __repr__(self):
        chairs, shut, courses, others = self
        doses = [
            [(f"{one.has.starts_at:%d %Hh}", one.has.seats[0].lane, one.hit) for one in each.doses] for each in courses
        ]
        return f"Made(chairs={chairs}, closed={shut.starts_at}..{shut.ends_at}, doses={doses}, others={len(others)})"


@given(clinics())
@settings(max_examples=60)
def test_no_lane_is_taken_twice_no_rule_is_broken_and_an_exchange_never_makes_it_worse(made):
    chairs, shut, courses, others = made
    if not courses:
        return
    book = Book(chairs=chairs, closed=[shut, *others])
    proposal = propose(courses, book, NEW_YORK)
    final = {one.id: proposal.places.get(one.id, one.has) for course in courses for one in course.sittings}
    seated = [slot for slot in final.values() if slot is not None]
    assert not [pair for pair in combinations([*seated, *others, shut], 2) if clash(*pair)]
    for course in courses:
        keeps_its_rules(course, final)
    greedy = propose(courses, Book(chairs=chairs, closed=[shut, *others]), NEW_YORK, tries=0)
    assert proposal.cost <= greedy.cost


def keeps_its_rules(course, final):
    starts = [final[one.id].starts_at for one in course.doses if final[one.id] is not None]
    before = [one.dose_at for one in course.known]
    assert starts == sorted(starts)
    whole = [*before, *starts]
    if not was_lawful([*before, *(one.has.starts_at for one in course.doses)]):
        return
    for at in starts:
        others = [other for other in whole if other != at]
        assert not spacing_refusals(RULES, at, others, min(whole), NEW_YORK)
    for one in course.doses:
        slot = final[one.id]
        if slot is not None and slot != one.has:
            assert one.span[0] <= local_date(slot.starts_at, NEW_YORK) <= one.span[1]


def was_lawful(starts):
    return not any(
        spacing_refusals(RULES, at, [other for other in starts if other != at], min(starts), NEW_YORK) for at in starts
    )


@given(clinics())
@settings(max_examples=60)
def test_one_course_alone_is_placed_as_well_as_with_all_its_later_doses_free_to_move(made):
    """Placing the hit ones alone first loses nothing."""
    chairs, shut, courses, others = made
    for course in courses[:1]:
        stays = [one.has for each in courses[1:] for one in each.sittings if not one.hit]
        quick = propose([course], Book(chairs=chairs, closed=[shut, *others, *stays]), NEW_YORK)
        placing = Placing(course, Book(chairs=chairs, closed=[shut, *others, *stays]), NEW_YORK, 200_000)
        whole = placing._beside(list(course.doses), [])
        if was_lawful([one.has.starts_at for one in course.doses]):
            assert quick.cost[:4] == cost_of(course, whole, NEW_YORK)[:4]
