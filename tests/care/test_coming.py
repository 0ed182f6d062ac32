"""Which session is the next one, for the patient and for the staff alike?"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from care.course.coming import coming
from care.facts import Status
from tests.people import NOW


@dataclass
class Visit:
    status: str
    starts_at: datetime | None
    id: UUID = field(default_factory=uuid4)

    @property
    def ends_at(self) -> datetime | None:
        return self.starts_at and self.starts_at + timedelta(hours=3)


def visit(status: Status, hours: float) -> Visit:
    return Visit(status, NOW + timedelta(hours=hours))


def test_the_first_that_is_ahead_is_the_next():
    later, sooner = visit(Status.BOOKED, 48), visit(Status.BOOKED, 24)
    assert coming([later, sooner], NOW) is sooner


def test_the_one_under_way_comes_before_any_that_is_ahead():
    under_way, ahead = visit(Status.DOSED, -5), visit(Status.BOOKED, 1)
    assert coming([ahead, under_way], NOW) is under_way


def test_a_booked_one_whose_time_is_over_is_not_the_next():
    over, ahead = visit(Status.BOOKED, -4), visit(Status.BOOKED, 72)
    assert coming([over, ahead], NOW) is ahead


def test_what_has_no_time_or_will_not_be_is_never_the_next():
    assert coming([Visit(Status.PLANNED, None), visit(Status.CANCELLED, 5), visit(Status.ATTENDED, -5)], NOW) is None
