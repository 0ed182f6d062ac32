"""Why was something refused? Every reason a rule can give, as a value with the data to act on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """The stable names of refusals, as clients see them in `refusals[].code`."""

    TOO_SOON = "too_soon"  # closer to the neighbouring dose than the least gap
    TOO_MANY_IN_COURSE_WEEK = "too_many_in_course_week"
    TOO_MANY_IN_SEVEN_DAYS = "too_many_in_seven_days"  # yields to a coordinator's reason
    OUTSIDE_SPAN = "outside_span"  # before the earliest or after the latest day of the session
    OUTSIDE_INTEGRATION_WINDOW = "outside_integration_window"
    DOSE_UNBOOKED = "dose_unbooked"  # the dose it follows has no time, so nobody knows its window
    DAY_OUT_OF_RANGE = "day_out_of_range"  # data: from_on, until_on
    OUT_OF_ORDER = "out_of_order"  # a later-numbered dose would come before an earlier one
    IN_THE_PAST = "in_the_past"
    NOT_YET = "not_yet"  # its time has not come: it cannot be missed or attended before
    NOT_BOOKABLE = "not_bookable"  # the status does not allow it
    NOT_MOVABLE = "not_movable"
    NOT_CANCELLABLE = "not_cancellable"
    OUT_OF_TIME = "out_of_time"  # what happened cannot have been then; data: at, not_before, not_after
    GIVEN_TWICE = "given_twice"  # two sessions given before lie on one day; data: at
    MORE_THAN_THE_COURSE = "more_than_the_course"  # data: given, most
    REF_TAKEN = "ref_taken"  # another course has this name of another system; data: course_id
    WRONG_STATUS = "wrong_status"  # data: status, allowed
    COURSE_NOT_ACTIVE = "course_not_active"
    COURSE_NOT_PAUSED = "course_not_paused"  # only what is paused is resumed
    DOSE_UNDER_WAY = "dose_under_way"  # data: session_id
    REVIEW_OPEN = "review_open"  # a clinician has to look first; data: review_id, kind, since
    ALREADY_DECIDED = "already_decided"
    NOT_A_CHOICE = "not_a_choice"  # the protocol does not have it; data: every_days, per_week
    NO_NEXT_PHASE = "no_next_phase"
    NOT_AS_NEEDED = "not_as_needed"  # the phase under way takes no requests; data: phase
    REQUEST_OPEN = "request_open"  # data: request_id
    SLOT_TAKEN = "slot_taken"
    SLOT_NOT_OFFERED = "slot_not_offered"  # nobody works then, or the resource does not fit
    RESOURCE_MISSING = "resource_missing"  # data: kind, why (closed, taken, busy, none); busy yields to a reason
    PATIENT_BUSY = "patient_busy"
    INSIDE_FREEZE = "inside_freeze"  # too near for self-service; staff may
    PLAN_IS_STALE = "plan_is_stale"
    WRONG_SCOPE = "wrong_scope"  # the verb does not go for so many sessions, or not for this caller; data: verb, scopes
    NOTHING_IN_SCOPE = "nothing_in_scope"  # no session there is still to come; data: scope
    LEAVES_UNPLACED = "leaves_unplaced"  # a patient's own move would cost another session its time; data: kind, number
    NOT_A_DOSE = "not_a_dose"  # an integration session needs a dose of its course; data: kind
    ALREADY_THERE = "already_there"  # it has its integration session, or its replacement; data: session_id, number
    SAFETY_VERSION_OPEN = "safety_version_open"  # a clinician adopts or declines first; data: protocol, version
    NOTHING_CHANGES = "nothing_changes"  # it says what is said already
    VERSION_SUPERSEDED = "version_superseded"  # a newer version was made; data: version
    PHASE_NEEDED = "phase_needed"  # the course's phase is none of the protocol's; data: phase, phases
    OVERRIDES_IN_THE_WAY = "overrides_in_the_way"  # do not go with the other rules; data: fields
    NOTHING_TO_DECLINE = "nothing_to_decline"
    ALREADY_ENDED = "already_ended"
    GATE_OPEN = "gate_open"  # a hard gate has no answer; data: step
    OBSERVATION_NOT_OVER = "observation_not_over"  # yields to a clinician's reason; data: until
    NO_ON_CALL = "no_on_call"
    ALREADY_ACTIVE = "already_active"
    ALREADY_ANSWERED = "already_answered"
    VERSION_CHANGED = "version_changed"
    WRONG_CLINICIAN_ROLE = "wrong_clinician_role"
    NOTHING_TO_CORRECT = "nothing_to_correct"
    LANES_BOOKED = "lanes_booked"  # fewer places than are booked; data: lanes, sessions
    STILL_BOOKED = "still_booked"  # retired under its sessions; data: retired_on, sessions
    OUTSIDE_NEW_HOURS = "outside_new_hours"  # yields to `despite`; data: sessions
    HOURS_OVERLAP = "hours_overlap"
    ALREADY_LIFTED = "already_lifted"
    NOT_HIT = "not_hit"  # a wish for a session that the closure does not hit; data: session_id
    TOO_MANY_ENDPOINTS = "too_many_endpoints"  # data: most
    ENDPOINT_ENDED = "endpoint_ended"  # data: ended_at
    IMPOSSIBLE_LOCAL_TIME = "impossible_local_time"
    AMBIGUOUS_LOCAL_TIME = "ambiguous_local_time"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason a rule says no. `data` holds JSON values to act on; instants are aware datetimes."""

    code: Code
    data: Mapping[str, Any] = field(default_factory=dict)


class Refused(Exception):
    """Raised by a verb with *every* reason at once."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(", ".join(refusal.code for refusal in self.refusals))


def refuse_if_any(refusals: Iterable[Refusal]) -> None:
    """Raise `Refused` when there is any reason, with all of them."""
    reasons = tuple(refusals)
    if reasons:
        raise Refused(reasons)
