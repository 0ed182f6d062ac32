"""With one's own therapist: on which days may integration be, and when is it asked for again?"""

from dataclasses import replace
from datetime import date

import pytest

from care.course.elsewhere import days_after, elsewhere_refusals, still_follows
from care.facts import SessionKind, Status
from care.protocols import load
from care.refusals import Code
from care.windows import WindowKind, all_windows
from tests.care.clocks import NEW_YORK
from tests.care.visits import at, session

IV_6 = load("iv_6")
DOSE = session(1, at("2027-02-02 10:00"), protocol=IV_6)
FOLLOWS = session(1, None, kind=SessionKind.INTEGRATION, protocol=IV_6, of_session_id=DOSE.id)
DAYS = days_after(DOSE, NEW_YORK)


def test_every_day_from_the_dose_to_two_weeks_after_the_window_may_be_told():
    assert DAYS.first == date(2027, 2, 2)
    assert (DAYS.last - DAYS.shuts).days == 14
    for on in (DAYS.first, DAYS.opens, DAYS.shuts, DAYS.last):
        assert elsewhere_refusals(FOLLOWS, DOSE, on, NEW_YORK) == []


@pytest.mark.parametrize("on", [date(2027, 2, 1), date(2027, 12, 31), date(2026, 2, 3)])
def test_a_day_that_cannot_follow_the_dose_is_refused_with_the_days_that_can(on):
    (refusal,) = elsewhere_refusals(FOLLOWS, DOSE, on, NEW_YORK)
    assert refusal.code is Code.DAY_OUT_OF_RANGE
    assert refusal.data == {"from_on": "2027-02-02", "until_on": DAYS.last.isoformat()}


def test_nobody_knows_the_days_while_the_dose_has_no_time_or_is_off():
    for dose in (None, session(1, None, protocol=IV_6), replace(DOSE, status=Status.CANCELLED)):
        (refusal,) = elsewhere_refusals(FOLLOWS, dose, DAYS.first, NEW_YORK)
        assert refusal.code is Code.DOSE_UNBOOKED


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.PLANNED])
def test_only_what_has_no_time_here_can_be_elsewhere(status):
    (refusal,) = elsewhere_refusals(replace(FOLLOWS, status=status), DOSE, DAYS.first, NEW_YORK)
    assert refusal.code is Code.WRONG_STATUS


def test_a_dose_is_never_elsewhere():
    assert elsewhere_refusals(session(2, None, protocol=IV_6), DOSE, DAYS.first, NEW_YORK)


def test_a_day_follows_while_it_lies_in_the_window_of_the_dose_as_it_is_now():
    later = session(1, at("2027-02-09 10:00"), protocol=IV_6)
    assert still_follows(DAYS.opens, DOSE, NEW_YORK)
    assert not still_follows(DAYS.opens, later, NEW_YORK)


def test_the_window_no_longer_waits_for_what_is_held_elsewhere():
    waiting = all_windows([DOSE, FOLLOWS], NEW_YORK)
    settled = all_windows([DOSE, replace(FOLLOWS, elsewhere_on=DAYS.opens)], NEW_YORK)
    assert [each.kind for each in waiting if each not in settled] == [WindowKind.INTEGRATION]
