"""Why may a person be asked to look? Every reason that puts a task on the worklist, in one place.

Each has its sentence in web/words/tasks.py.
"""

from enum import StrEnum

from care.facts import Step


class TaskCode(StrEnum):
    """`..._unanswered`: silence. `..._problem`: a no. `..._by_call`: a yes that only the support person can give."""

    ATTENDANCE_UNANSWERED = "attendance_unanswered"
    TRANSPORT_UNANSWERED = "transport_unanswered"
    RIDE_UNVERIFIED = "ride_unverified"
    SUPPORT_MISSING = "support_missing"
    SUPPORT_UNANSWERED = "support_unanswered"
    SUPPORT_NOT_PRESENT = "support_not_present"
    NEW_TIME_UNANSWERED = "new_time_unanswered"
    INVITATION_UNANSWERED = "invitation_unanswered"
    SAFETY_EVENING_UNANSWERED = "safety_evening_unanswered"
    SAFETY_NEXT_DAY_UNANSWERED = "safety_next_day_unanswered"
    INTEGRATION_UNBOOKED = "integration_unbooked"
    INTEGRATION_LATE = "integration_late"

    ATTENDANCE_PROBLEM = "attendance_problem"
    TRANSPORT_PROBLEM = "transport_problem"
    RIDE_TODAY_PROBLEM = "ride_today_problem"
    SUPPORT_PROBLEM = "support_problem"
    PRESENT_PROBLEM = "present_problem"
    NEW_TIME_PROBLEM = "new_time_problem"
    INVITATION_PROBLEM = "invitation_problem"
    SAFETY_EVENING_PROBLEM = "safety_evening_problem"
    SAFETY_NEXT_DAY_PROBLEM = "safety_next_day_problem"
    INTEGRATION_PROBLEM = "integration_problem"
    SUPPORT_BY_CALL = "support_by_call"
    PRESENT_BY_CALL = "present_by_call"
    URGENT_ANSWER = "urgent_answer"
    WANTS_CALL = "wants_call"

    URGENT_REPLY = "urgent_reply"
    CRISIS_WORDS = "crisis_words"
    UNCLEAR_REPLY = "unclear_reply"
    AMBIGUOUS_REPLY = "ambiguous_reply"
    PROBLEM_MAY_BE_TODAY = "problem_may_be_today"
    UNKNOWN_SENDER = "unknown_sender"
    OPTED_OUT = "opted_out"
    OPTED_OUT_MAY_CANCEL = "opted_out_may_cancel"
    OPTED_OUT_WORRYING = "opted_out_worrying"

    NOT_TOLD = "not_told"
    ASK_ALCOHOL = "ask_alcohol"
    CRISIS_TEXT_LOST = "crisis_text_lost"
    NUMBER_UNUSABLE = "number_unusable"
    TEXT_REFUSED = "text_refused"
    SENDING_PAUSED = "sending_paused"

    APP_GONE = "app_gone"
    APP_NOT_REACHED = "app_not_reached"

    NOWHERE_TO_GO = "nowhere_to_go"
    NOT_ARRIVED = "not_arrived"
    NOT_DOSED = "not_dosed"
    NOT_DISCHARGED = "not_discharged"
    SEAT_TAKEN = "seat_taken"
    OUTSIDE_HOURS = "outside_hours"
    CALENDAR_BUSY = "calendar_busy"
    MISSED_CALL = "missed_call"
    MISSED_REVIEW = "missed_review"
    TWO_MISSED = "two_missed"
    DEFERRED_REVIEW = "deferred_review"
    CANCELLED_REVIEW = "cancelled_review"
    DOSES_REVIEW = "doses_review"
    PHASE_REVIEW = "phase_review"
    LAPSE_REVIEW = "lapse_review"
    PAUSE_OVER = "pause_over"
    TO_BE_BOOKED = "to_be_booked"
    OFF_CADENCE = "off_cadence"
    SAFETY_VERSION = "safety_version"
    RULES_CHANGED = "rules_changed"
    SESSION_ASKED_FOR = "session_asked_for"


def problem(step: Step) -> TaskCode:
    """What a no to this step asks for."""
    return TaskCode(f"{step}_problem")


def by_call(step: Step) -> TaskCode:
    """What a yes that does not count asks for: only for the steps that a support person answers."""
    return TaskCode(f"{step}_by_call")
