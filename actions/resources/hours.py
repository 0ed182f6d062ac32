"""When is a resource there? Weekly hours with their validity, and other hours on a date, in the clinic's local time.

Hours are never changed under booked sessions in silence: whoever changes them names every session that will lie outside, and
each becomes a coordinator's task.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, time
from itertools import combinations, groupby
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm.attributes import flag_modified

from actions.ask import ask
from actions.record import Actor, Verb, lock, note
from actions.resources.booked import Booked, booked, counted, patients_of
from actions.resources.keeping import SHARED
from care.course.slots import OtherDay, WeeklyRule, open_hours
from care.facts import Role
from care.refusals import Code, Refusal, Refused, refuse_if_any
from care.tasks import TaskCode
from care.times import local_date
from models import Availability, Clinic, OtherHours, Resource, Session, db

Open = tuple[time, time]


def week_of(resource: Resource) -> list[WeeklyRule]:
    """The weekly rules, Monday first."""
    mine = select(Availability).where(
        Availability.clinic_id == resource.clinic_id, Availability.resource_id == resource.id
    )
    rows = db.session.scalars(mine.order_by(Availability.weekday, Availability.opens, Availability.valid_from))
    return [WeeklyRule(row.weekday, row.opens, row.closes, row.valid_from or date.min, row.valid_until) for row in rows]


def other_hours_of(resource: Resource) -> list[OtherDay]:
    """What holds on single dates instead, in order."""
    mine = select(OtherHours).where(OtherHours.clinic_id == resource.clinic_id, OtherHours.resource_id == resource.id)
    rows = db.session.scalars(mine.order_by(OtherHours.on_date, OtherHours.opens))
    return [OtherDay(row.on_date, row.opens, row.closes) for row in rows]


def set_week(
    resource: Resource, rules: Iterable[WeeklyRule], *, despite: Collection[UUID], by: Actor, now: datetime
) -> list[Booked]:
    """These weekly rules instead of all before; what they leave outside is returned.

    Rules that touch are joined. Raises `Refused` when two overlap that hold for different dates, and when sessions would lie
    outside that `despite` does not name.
    """
    week = joined_week(rules)
    refuse_if_any(_overlaps(week))

    def write() -> None:
        gone = (Availability.clinic_id == resource.clinic_id, Availability.resource_id == resource.id)
        db.session.execute(delete(Availability).where(*gone))
        db.session.add_all(_row(resource, rule) for rule in week)

    left = _change(resource, write, despite, now)
    _note(Verb.SET_HOURS, resource, left, by=by, now=now, rules=len(week))
    return left


def set_other_hours(
    resource: Resource, on: date, hours: Iterable[Open] | None, *, despite: Collection[UUID], by: Actor, now: datetime
) -> list[Booked]:
    """Other hours on this date: none at all when empty, the weekly ones again when None. What they leave outside."""
    whole = None if hours is None else _joined(hours)

    def write() -> None:
        of_date = (OtherHours.resource_id == resource.id, OtherHours.on_date == on)
        db.session.execute(delete(OtherHours).where(OtherHours.clinic_id == resource.clinic_id, *of_date))
        kept: list[tuple[time | None, time | None]] = [*whole] or [(None, None)] if whole is not None else []
        for opens, closes in kept:
            given = {"on_date": on, "opens": opens, "closes": closes}
            db.session.add(OtherHours(clinic_id=resource.clinic_id, resource_id=resource.id, **given))

    left = _change(resource, write, despite, now)
    said = "weekly" if whole is None else "closed" if not whole else "other"
    _note(Verb.SET_OTHER_HOURS, resource, left, by=by, now=now, on=on.isoformat(), hours=said)
    return left


def joined_week(rules: Iterable[WeeklyRule]) -> list[WeeklyRule]:
    """Rules of the same weekday and validity that touch or overlap, as one."""
    key: Callable[[WeeklyRule], tuple[int, date, date]] = lambda rule: (  # noqa: E731  sorting and grouping need one key
        rule.weekday,
        rule.valid_from,
        rule.valid_until or date.max,
    )
    groups = [list(group) for _, group in groupby(sorted(rules, key=key), key)]
    return [
        group[0]._replace(opens=opens, closes=closes)
        for group in groups
        for opens, closes in _joined((rule.opens, rule.closes) for rule in group)
    ]


def _joined(hours: Iterable[Open]) -> list[Open]:
    whole: list[Open] = []
    for opens, closes in sorted(hours):
        if whole and opens <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(whole[-1][1], closes)
        else:
            whole.append((opens, closes))
    return whole


def _overlaps(week: Sequence[WeeklyRule]) -> list[Refusal]:
    return [
        Refusal(
            Code.HOURS_OVERLAP,
            {
                "weekday": one.weekday,
                "opens": _clock(one.opens),
                "closes": _clock(one.closes),
                "other_opens": _clock(other.opens),
                "other_closes": _clock(other.closes),
            },
        )
        for one, other in combinations(week, 2)
        if one.weekday == other.weekday and _share_dates(one, other) and _share_hours(one, other)
    ]


def _share_dates(one: WeeklyRule, other: WeeklyRule) -> bool:
    return one.valid_from <= (other.valid_until or date.max) and other.valid_from <= (one.valid_until or date.max)


def _share_hours(one: WeeklyRule, other: WeeklyRule) -> bool:
    return one.opens < other.closes and other.opens < one.closes


def _clock(at: time) -> str:
    return at.isoformat("minutes")


def _row(resource: Resource, rule: WeeklyRule) -> Availability:
    return Availability(
        clinic_id=resource.clinic_id,
        resource_id=resource.id,
        weekday=rule.weekday,
        opens=rule.opens,
        closes=rule.closes,
        valid_from=None if rule.valid_from == date.min else rule.valid_from,
        valid_until=rule.valid_until,
    )


def _change(resource: Resource, write: Callable[[], None], despite: Collection[UUID], now: datetime) -> list[Booked]:
    """Write other hours, and see what lies outside now and did not before."""
    for patient_id in patients_of(booked(resource, now, now=now)):
        lock(resource.clinic_id, patient_id)
    db.session.refresh(resource, with_for_update=SHARED)
    taken = booked(resource, now, now=now)
    before = {one.booking_id for one in taken if not _inside(resource, one)}
    write()
    flag_modified(resource, "lanes")  # a new edition: whoever saw the old hours has to look again
    db.session.flush()
    left = [one for one in taken if one.booking_id not in before and not _inside(resource, one)]
    if {one.session_id for one in left} - set(despite):
        raise Refused([Refusal(Code.OUTSIDE_NEW_HOURS, counted(left))])
    _ask_about(resource, left, now)
    return left


def _inside(resource: Resource, one: Booked) -> bool:
    zone = db.session.get_one(Clinic, resource.clinic_id).zone
    days = local_date(one.from_at, zone), local_date(one.until_at, zone)
    hours = open_hours(tuple(week_of(resource)), tuple(other_hours_of(resource)), *days, zone)
    begin, until = round(one.from_at.timestamp()), round(one.until_at.timestamp())
    return any(opens <= begin and until <= closes for opens, closes in hours)


def _ask_about(resource: Resource, left: Iterable[Booked], now: datetime) -> None:
    for session_id in dict.fromkeys(one.session_id for one in left):
        session = db.session.get_one(Session, (resource.clinic_id, session_id))
        ask(Role.COORDINATOR, TaskCode.OUTSIDE_HOURS, session, subject_id=session.id, now=now)


def _note(verb: Verb, resource: Resource, left: Iterable[Booked], *, by: Actor, now: datetime, **facts: object) -> None:
    hit = sorted({str(one.session_id) for one in left})
    note(verb, by=by, now=now, subject_id=resource.id, facts={**facts, "outside": hit})
