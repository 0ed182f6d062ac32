"""Does the diary answer from the rows what a clock and a calendar on the wall would, in few queries, and by an index?"""

from datetime import date, datetime, time, timedelta
from random import Random

import pytest
from sqlalchemy import event

from actions.sessions.diary import AFTER, BEFORE, Diary
from actions.sessions.slots import busy_refusals, slot_of, slots, token
from care.course.slots import OtherDay, ResourceFacts, WeeklyRule, Why, joined, piece
from care.protocol import Need, Visit
from care.protocols.fields import FIELDS
from care.refusals import Code, Refused
from care.times import wall
from models import Availability, Booking, BusyTime, Closure, OtherHours, Resource, db
from models.columns import uuid7
from tests.care.minutes import each_minute, is_open, scan
from tests.people import NOW, harbor

DAY = timedelta(days=1)
VISIT = Visit(90, 15, (Need("chair", -15, None), Need("clinician", 0, 60), Need("monitor", 0, None)))


def tuesday(clock: str) -> datetime:
    return wall(date(2027, 1, 12), time.fromisoformat(clock), "America/New_York")


@pytest.fixture
def home(app):
    return harbor()


@pytest.fixture
def session(home):
    return home.session(home.enrol_ada())


def resource(home, kind):
    return db.session.scalars(db.select(Resource).filter_by(clinic_id=home.clinic.id, kind=kind)).one()


def write(table, home, **values):
    row = table(clinic_id=home.clinic.id, **values)
    db.session.add(row)
    db.session.commit()
    return row


def book_lane(home, session, who, begin, until, lane=1, **more):
    return write(
        Booking, home, session_id=session.id, resource_id=who.id, lane=lane, starts_at=begin, ends_at=until, **more
    )


def clocks(found):
    return [f"{slot.starts_at:%H:%M}" for slot in found]  # UTC: five hours after New York


def free(home, begin="08:00", until="18:00", **known):
    diary = Diary(home.clinic.id, tuesday(begin), tuesday(until), now=NOW, **known)
    return diary.free(VISIT)


# Equal to looking at everything


def strew(home, session, chance):
    """Bookings, holds, closures, busy times, other hours, retirement and night hours, at random over two days."""
    begin = tuesday("00:00")
    for who in db.session.scalars(db.select(Resource).filter_by(clinic_id=home.clinic.id)):
        for lane in range(1, who.lanes + 1):
            at = begin + timedelta(minutes=15 * chance.randrange(30))
            while at < begin + 2 * DAY:
                until = at + timedelta(minutes=15 * chance.randint(1, 12))
                held = chance.choice([None, None, NOW - DAY, NOW + DAY])
                book_lane(home, session, who, at, until, lane, held_until=held)
                at = until + timedelta(minutes=15 * chance.randint(0, 40))
        around = begin + timedelta(minutes=15 * chance.randrange(150))
        until = around + timedelta(minutes=15 * chance.randint(1, 12))
        if chance.random() < 0.5:
            write(BusyTime, home, resource_id=who.id, starts_at=around, ends_at=until)
        if chance.random() < 0.3:
            write(OtherHours, home, resource_id=who.id, on_date=date(2027, 1, 13), opens=time(6), closes=time(22))
        if chance.random() < 0.2:
            who.retired_on = date(2027, 1, 13)
    gone = chance.choice([None, NOW])
    whole_clinic = tuesday("15:00"), tuesday("16:10")
    closure = {"starts_at": whole_clinic[0], "ends_at": whole_clinic[1], "reason": "drill", "made_at": NOW}
    write(Closure, home, resource_id=None, lifted_at=gone, **closure)


def seen_one_by_one(home, within, zone):
    """The resources as their rows say, read without the diary; hours found minute by minute."""
    reach = within[0] - DAY, within[1] + DAY
    return [_seen(row, reach, zone) for row in _rows(Resource, home) if row]


def _seen(row, reach, zone):
    rules = [
        WeeklyRule(one.weekday, one.opens, one.closes, one.valid_from or date.min, one.valid_until)
        for one in _mine(Availability, row)
    ]
    others = [OtherDay(one.on_date, one.opens, one.closes) for one in _mine(OtherHours, row)]
    ends = wall(row.retired_on, time(), zone) if row.retired_on else reach[1]
    minutes = [at for at in each_minute(reach[0], min(reach[1], ends)) if is_open(rules, others, at, zone)]
    closures = [one for one in _rows(Closure, row) if one.resource_id in (None, row.id) and one.lifted_at is None]
    booked: dict[int, list[tuple[int, int]]] = {}
    for one in _mine(Booking, row):
        if one.held_until is None or one.held_until > NOW:
            booked.setdefault(one.lane, []).append(piece((one.starts_at, one.ends_at)))
    return ResourceFacts(
        row.id,
        row.kind,
        row.lanes,
        joined(piece((at, at + timedelta(minutes=1))) for at in minutes),
        booked,
        [piece((one.starts_at, one.ends_at)) for one in closures],
        [piece((one.starts_at, one.ends_at)) for one in _mine(BusyTime, row)],
    )


def _rows(table, owner):
    clinic_id = getattr(owner, "clinic_id", None) or owner.clinic.id
    return db.session.scalars(db.select(table).filter_by(clinic_id=clinic_id).order_by(table.id)).all()


def _mine(table, row):
    return [one for one in _rows(table, row) if one.resource_id == row.id]


@pytest.mark.parametrize("seed", range(3))
def test_the_diary_finds_what_a_search_through_all_rows_finds(home, session, seed):
    strew(home, session, Random(seed))
    within = tuesday("05:00"), tuesday("05:00") + DAY
    diary = Diary(home.clinic.id, *within, now=NOW)
    assert diary.free(VISIT) == scan(VISIT, seen_one_by_one(home, within, home.clinic.zone), within)


# What counts


def test_a_sessions_own_places_do_not_stand_in_its_way(home, session):
    book_lane(home, session, resource(home, "monitor"), tuesday("08:00"), tuesday("18:00"))
    for lane in (1, 2):
        book_lane(home, session, resource(home, "chair"), tuesday("08:00"), tuesday("18:00"), lane)
    assert free(home) == []
    assert clocks(free(home, without={session.id}))[0] == "13:00"
    assert clocks(slots(session, tuesday("08:00"), tuesday("18:00"), now=NOW))[0] == "13:00"


def test_a_hold_counts_until_it_expires(home, session):
    for lane in (1, 2):
        until = NOW + timedelta(minutes=10)
        book_lane(home, session, resource(home, "chair"), tuesday("08:00"), tuesday("18:00"), lane, held_until=until)
    assert free(home) == []
    later = Diary(home.clinic.id, tuesday("08:00"), tuesday("18:00"), now=NOW + timedelta(minutes=11))
    assert later.free(VISIT) != []


def test_a_booking_after_the_searched_time_is_in_the_way_of_a_session_that_lasts_into_it(home, session):
    for lane in (1, 2):
        book_lane(home, session, resource(home, "clinician"), tuesday("10:00"), tuesday("11:00"), lane)
    assert clocks(free(home, "09:00", "10:00")) == ["14:00"]  # and not 9:30


def test_what_is_taken_and_given_back_counts_at_once(home):
    diary = Diary(home.clinic.id, tuesday("08:00"), tuesday("12:00"), now=NOW)
    before = diary.free(VISIT)
    for _ in range(2):
        diary.take(diary.free(VISIT)[0])
    assert diary.free(VISIT)[0].starts_at > before[0].starts_at
    diary.give_back(before[0])
    assert diary.free(VISIT)[0] == before[0]
    diary.give_back(before[0])
    assert diary.free(VISIT)[0] == before[0]


def test_a_part_of_the_diary_is_asked_for_by_itself(home):
    diary = Diary(home.clinic.id, tuesday("08:00"), tuesday("18:00"), now=NOW)
    part = tuesday("10:00"), tuesday("11:00")
    assert clocks(diary.free(VISIT, within=part)) == ["15:00", "15:30"]
    assert diary.free(VISIT, within=(tuesday("00:00"), tuesday("23:00"))) == diary.free(VISIT)


# A token is judged again


def test_a_token_is_refused_once_nobody_works_then(home, session):
    slot = slots(session, tuesday("10:00"), tuesday("12:00"), now=NOW)[0]
    word = token(slot)
    assert slot_of(word, session) == slot
    chair = resource(home, "chair")
    at = {"starts_at": tuesday("09:00"), "ends_at": tuesday("11:00"), "made_at": NOW, "reason": "repair"}
    changes = [
        lambda: write(OtherHours, home, resource_id=chair.id, on_date=date(2027, 1, 12), opens=None, closes=None),
        lambda: write(Closure, home, resource_id=None, **at),
        lambda: write(Closure, home, resource_id=chair.id, **at),
    ]
    for change in changes:
        row = change()
        with pytest.raises(Refused) as refused:
            slot_of(word, session)
        assert [one.code for one in refused.value.refusals] == [Code.SLOT_NOT_OFFERED]
        db.session.delete(row)
        db.session.commit()
    assert slot_of(word, session) == slot
    chair.retired_on = date(2027, 1, 12)
    with pytest.raises(Refused):
        slot_of(word, session)


def test_staff_book_over_busy_times_with_a_reason_and_patients_do_not(home, session):
    slot = slots(session, tuesday("10:00"), tuesday("12:00"), now=NOW)[0]
    clinician = resource(home, "clinician")
    write(BusyTime, home, resource_id=clinician.id, starts_at=tuesday("10:30"), ends_at=tuesday("10:45"))
    assert slot_of(token(slot), session) == slot
    clinic_id = home.clinic.id
    (for_staff,) = busy_refusals(slot, clinic_id, by_staff=True, reasoned=False)
    assert (for_staff.code, for_staff.data) == (Code.RESOURCE_MISSING, {"kind": "clinician", "why": Why.BUSY})
    assert busy_refusals(slot, clinic_id, by_staff=True, reasoned=True) == []
    (for_patients,) = busy_refusals(slot, clinic_id, by_staff=False, reasoned=True)
    assert for_patients.code is Code.SLOT_NOT_OFFERED
    later = slots(session, tuesday("11:00"), tuesday("12:00"), now=NOW)[0]
    assert busy_refusals(later, clinic_id, by_staff=False, reasoned=False) == []


# How it is read


def test_a_diary_is_seven_queries_however_many_resources_there_are(home):
    said = []
    db.session.get(type(home.clinic), home.clinic.id)

    def hear(connection, cursor, statement, *rest):
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        diary = Diary(home.clinic.id, tuesday("08:00"), tuesday("18:00"), now=NOW)
        asked = len([one for one in said if "set_config" not in one])
        diary.free(VISIT)
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    assert asked <= 7
    assert len([one for one in said if "set_config" not in one]) == asked


def test_the_index_of_starts_bounds_the_search_on_both_sides(home, session, database_kind):
    """Where a policy guards the rows, this index is all there is: overlap operators would look at every row of the clinic."""
    if database_kind == "sqlite":
        return
    said, chair = [], resource(home, "chair")
    hours = [tuesday("00:00") + timedelta(hours=count) for count in range(1_500)]
    known = {"clinic_id": home.clinic.id, "session_id": session.id, "resource_id": chair.id, "lane": 1}
    rows = [{**known, "id": uuid7(), "starts_at": at, "ends_at": at + timedelta(hours=1)} for at in hours]
    db.session.execute(db.insert(Booking), rows)
    db.session.execute(db.text("ANALYZE booking"))

    def hear(connection, cursor, statement, parameters, *rest):
        if "FROM booking" in statement:
            said.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", hear)
    Diary(home.clinic.id, tuesday("08:00"), tuesday("18:00"), now=NOW)
    event.remove(db.engine, "before_cursor_execute", hear)
    connection = db.session.connection()
    ((statement, parameters),) = said
    plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))
    assert "ix_booking_day" in plan
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert "starts_at <" in condition
    assert "starts_at >" in condition


def test_no_protocol_asks_for_more_time_than_the_diary_looks_at():
    longest = {"dose_block_minutes": 360, "observation_minutes": 720, "visits.*.minutes": 720}
    for name, minutes in longest.items():
        assert FIELDS[name](minutes) == minutes
        with pytest.raises(ValueError):
            FIELDS[name](minutes + 1)
    assert timedelta(minutes=360 + 720) <= AFTER
    need = {"kind": "chair", "from": -240, "until": "end"}
    assert FIELDS["visits.*.needs"]([need])
    with pytest.raises(ValueError):
        FIELDS["visits.*.needs"]([{**need, "from": -241}])
    assert timedelta(minutes=240) <= BEFORE
