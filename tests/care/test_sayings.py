"""Is every refusal said in one plain sentence, in both languages, with times to act on?"""

from datetime import UTC, datetime
from typing import Any

import pytest

from care.facts import Status, Step
from care.refusals import Code, Refusal
from care.words.lint import errors, lint
from care.words.sayings import SAYINGS, STATUSES, STEPS, say_refusal

NEW_YORK = "America/New_York"
TUESDAY, FRIDAY = (datetime(2027, 3, day, 15, tzinfo=UTC) for day in (9, 12))
DAYS = {"from_on": "2027-03-09", "until_on": "2027-03-15", "most": 2}

KNOWN: dict[Code, dict[str, Any]] = {
    Code.TOO_SOON: {"neighbour": TUESDAY, "days": 2, "earliest": FRIDAY},
    Code.TOO_MANY_IN_COURSE_WEEK: DAYS,
    Code.TOO_MANY_IN_SEVEN_DAYS: DAYS,
    Code.OUTSIDE_SPAN: {"earliest_on": "2027-03-09", "latest_on": "2027-03-12"},
    Code.OUTSIDE_INTEGRATION_WINDOW: {"from": TUESDAY, "until": FRIDAY},
    Code.OUT_OF_ORDER: {"number": 4, "other": TUESDAY},
    Code.IN_THE_PAST: {"starts_at": TUESDAY},
    Code.NOT_YET: {"starts_at": TUESDAY},
    Code.NOT_BOOKABLE: {"status": Status.CANCELLED},
    Code.NOT_MOVABLE: {"status": Status.ARRIVED},
    Code.NOT_CANCELLABLE: {"status": Status.DOSED},
    Code.OUT_OF_TIME: {"at": TUESDAY, "not_before": TUESDAY, "not_after": FRIDAY},
    Code.WRONG_STATUS: {"status": Status.MISSED, "allowed": ["booked"]},
    Code.COURSE_NOT_ACTIVE: {"status": "paused"},
    Code.RESOURCE_MISSING: {"kind": "chair", "why": "taken"},
    Code.PATIENT_BUSY: {"from": TUESDAY, "until": FRIDAY},
    Code.INSIDE_FREEZE: {"hours": 48},
    Code.GATE_OPEN: {"step": "transport", "state": "waiting"},
    Code.OBSERVATION_NOT_OVER: {"until": TUESDAY},
    Code.IMPOSSIBLE_LOCAL_TIME: {"local": "2027-03-14T02:30", "zone": NEW_YORK, "next": FRIDAY},
    Code.AMBIGUOUS_LOCAL_TIME: {"local": "2027-11-07T01:30", "zone": NEW_YORK, "instants": [TUESDAY, FRIDAY]},
}


@pytest.mark.parametrize("language", SAYINGS)
@pytest.mark.parametrize("code", Code)
def test_every_refusal_is_one_sentence(code: Code, language: str) -> None:
    for data in ({}, KNOWN.get(code, {})):
        said = say_refusal(Refusal(code, data), language, NEW_YORK)
        assert said[0].isupper()
        assert said.endswith(".")
        assert not any(wrong in said for wrong in ("{", "[", "]", "None", "  ", "..", "_"))
        assert errors(lint(said, language=language)) == []


@pytest.mark.parametrize("code", KNOWN)
def test_what_is_known_is_said(code: Code) -> None:
    for language in SAYINGS:
        bare = say_refusal(Refusal(code), language, NEW_YORK)
        assert len(say_refusal(Refusal(code, KNOWN[code]), language, NEW_YORK)) > len(bare)


def test_times_are_the_readers() -> None:
    refusal = Refusal(Code.TOO_SOON, KNOWN[Code.TOO_SOON])
    assert say_refusal(refusal, "en", NEW_YORK) == (
        "That is too close to another visit, on Tue, Mar 9 at 10:00 AM; it can be from Fri, Mar 12 at 10:00 AM on."
    )
    assert say_refusal(refusal, "es-MX", "America/Los_Angeles") == (
        "Es demasiado cerca de otra visita, la del martes 9 de marzo a las 7:00 a.m.; "
        "puede ser desde el viernes 12 de marzo a las 7:00 a.m."
    )


def test_a_time_that_no_clock_shows_is_said_as_it_was_asked_for() -> None:
    said = say_refusal(Refusal(Code.IMPOSSIBLE_LOCAL_TIME, {"local": "2027-03-14T02:30"}), "en", NEW_YORK)
    assert "Sun, Mar 14 at 2:30 AM" in said


def test_every_status_and_step_has_words() -> None:
    for language in SAYINGS:
        assert {*map(str, Status), "active", "paused", "completed", "discontinued"} <= STATUSES[language].keys()
        assert set(map(str, Step)) <= STEPS[language].keys()
