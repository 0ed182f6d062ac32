"""How do staff pages name what the code calls by short names? English words for kinds, states, steps, reasons and verbs."""

from typing import Any

SESSION = {
    "consult": "Consult",
    "preparation": "Preparation",
    "dosing": "Dosing",
    "integration": "Integration",
    "review": "Review",
}

STATUS = {
    "planned": "no time yet",
    "booked": "booked",
    "arrived": "arrived",
    "dosed": "dose given",
    "discharged": "discharged",
    "attended": "attended",
    "missed": "missed",
    "deferred": "deferred",
    "omitted": "omitted",
    "cancelled": "cancelled",
}

STATUS_TONE = {
    "planned": "soft",
    "booked": "calm",
    "arrived": "wait",
    "dosed": "wait",
    "discharged": "good",
    "attended": "good",
    "missed": "bad",
    "deferred": "soft",
    "omitted": "soft",
    "cancelled": "bad",
}

# Where a session stands on the line of its course.
PLACE = {
    "planned": "",
    "booked": "ahead",
    "arrived": "now",
    "dosed": "now",
    "discharged": "done",
    "attended": "done",
    "missed": "off",
    "deferred": "off",
    "omitted": "off",
    "cancelled": "off",
}

VERDICT = {"ready": ("Ready", "good", "✓"), "waiting": ("Waiting", "wait", "…"), "not_ready": ("Not ready", "bad", "!")}

STEP = {
    "attendance": "Will come",
    "transport": "Ride home",
    "support": "Support person will be there",
    "present": "Support person is there",
    "ride_today": "Ride home, asked today",
    "new_time": "New time suits",
    "invitation": "Support person's invitation",
    "safety_evening": "Safety check, evening",
    "safety_next_day": "Safety check, next day",
    "integration": "Integration session has a time",
}

STATE = {
    "yes": ("yes", "good", "✓"),
    "no": ("no", "bad", "✗"),
    "waiting": ("no answer yet", "wait", "…"),
    "not_asked": ("asked later", "soft", "·"),
}

GATE = {"hard": "must be yes before the dose", "soft": "becomes a task when silent", "advisory": "for information"}

HOW = {"text": "by text", "app": "in the app", "link": "by link", "staff": "by staff"}

CAUSE = {
    "patient": "The patient",
    "clinic": "The clinic",
    "clinical": "A clinical reason",
    "ride": "The ride",
    "support": "The support person",
    "medicine": "The medicine",
    "coverage": "Coverage",
    "other": "Something else",
}

# The buttons that move a session along, by kind of session and status.
NEXT = {
    ("dosing", "booked"): ("arrive",),
    ("dosing", "arrived"): ("dose",),
    ("dosing", "dosed"): ("discharge",),
}
NEXT_OF_OTHERS = {"booked": ("attend",), "arrived": ("attend",)}

DOING = {
    "arrive": "Arrived",
    "dose": "Dose given",
    "discharge": "Discharge",
    "attend": "Attended",
}

ENDING = {
    "cancel": ("Cancel", "It will not happen and nothing takes its place by itself."),
    "defer": ("Defer", "It is not given today for a clinical reason. Nobody is at fault."),
    "omit": ("Omit", "The course goes on without it."),
    "miss": ("Missed", "The patient did not come. Only a person says so, and only after the start."),
}

DONE = {
    "arrive": "Arrival noted.",
    "dose": "The dose is noted as given now.",
    "discharge": "Discharged. The rules for afterwards go out now.",
    "attend": "Noted as attended.",
    "cancel": "Cancelled. The people concerned will be told.",
    "defer": "Deferred. The people concerned will be told.",
    "omit": "Omitted. The people concerned will be told.",
    "miss": "Noted as missed.",
    "correct": "Corrected. The record keeps both.",
    "book": "Booked. The people concerned will be told.",
    "move": "Moved. Each person gets one text with all new times.",
    "reseat": "Given other resources at the same time.",
    "confirm": "Noted.",
    "close": "Closed.",
    "enrol": "Enrolled. Now give the sessions their times.",
    "support": "Named. The invitation goes out by itself.",
}

REMINDER = {
    "booked_notice": "Booked",
    "session_confirm": "Can you make it?",
    "prep_bundle": "How to prepare",
    "alcohol_window": "No alcohol",
    "solids_stop": "Stop eating",
    "liquids_stop": "Stop drinking",
    "transport_confirm": "Ride home?",
    "support_invite": "Invitation to support",
    "support_confirm": "Support person there?",
    "support_present": "Are you there now?",
    "arrival": "When to arrive",
    "post_rules": "Rules for afterwards",
    "safety_check": "How are you?",
    "integration_book": "Choose an integration time",
    "integration_remind": "Integration ahead",
    "change_notice": "Moved",
    "cancel_notice": "Called off",
    "crisis_text": "Crisis numbers",
    "help_text": "Help",
    "opted_in_text": "Texts are on again",
    "moved_answer": "That answer was for the old time",
    "unclear_answer": "A person will read this",
    "thanks_answer": "Thank you",
    "call_answer": "We will call you",
    "login_code": "Code to sign in",
}

OUTCOME_TONE = {
    "delivered": "good",
    "undelivered": "bad",
    "unreported": "wait",
    "unconfirmed": "wait",
    "failed": "bad",
    "expired": "bad",
    "cancelled": "soft",
    "suppressed": "soft",
}

SHIFTED = {
    "earlier_for_quiet_hours": "sent earlier because of quiet hours",
    "later_for_quiet_hours": "sent later because of quiet hours",
    "needed_late": "needed only when its moment had passed",
    "needed_in_quiet_hours": "needed in quiet hours, with no lawful moment left",
    "too_late": "no lawful moment left",
}

TASK = {
    "attendance_unanswered": "No answer whether they can come. Call the patient.",
    "transport_unanswered": "No answer about the ride home. Call the patient.",
    "ride_today_unanswered": "No answer this morning about the ride home. Call the patient.",
    "support_unanswered": "The support person has not confirmed. Call them.",
    "present_unanswered": "The support person has not said that they are there. Call now.",
    "new_time_unanswered": "No answer whether the new time suits. Call the patient.",
    "invitation_unanswered": "The support person has not answered the invitation.",
    "safety_evening_unanswered": "No answer to the evening safety check. Call the patient.",
    "safety_next_day_unanswered": "No answer to the next day's safety check. Call the patient.",
    "integration_unbooked": "No integration session has been chosen yet.",
    "integration_late": "The integration window has passed without a session.",
    "nowhere_to_go": "This session has no time any more. Find one.",
}

RECORD = {
    "enrol": "enrolled",
    "plan": "planned the sessions",
    "name_support": "named a support person",
    "book": "booked",
    "hold": "held a time",
    "release": "let a held time go",
    "move": "moved",
    "reseat": "changed the resources",
    "cancel": "cancelled",
    "omit": "omitted",
    "defer": "deferred",
    "miss": "noted as missed",
    "arrive": "noted the arrival",
    "dose": "noted the dose",
    "discharge": "discharged",
    "attend": "noted as attended",
    "correct": "corrected",
    "confirm": "answered",
    "close_task": "closed a task",
}

SUPPORT = {
    "named": ("invited", "wait"),
    "accepted": ("said yes", "good"),
    "declined": ("said no", "bad"),
    "removed": ("taken off", "soft"),
}

WINDOW = {
    "solids": "No solid food",
    "light_meal": "Not even light food",
    "any_liquid": "Clear drinks only",
    "clear_liquid": "Nothing to drink",
    "alcohol": "No alcohol",
    "observation": "Observation",
    "driving": "No driving",
    "integration": "Integration should happen",
}

ACTOR = {"patient": "The patient", "support": "The support person", "system": "Steadfast"}


ZONES = (
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
    ("America/Puerto_Rico", "Atlantic (Puerto Rico)"),
)


def next_of(session: Any) -> tuple[str, ...]:
    """The buttons that move this session along; its verb still judges."""
    if session.kind == "dosing":
        return NEXT.get((session.kind, session.status), ())
    return NEXT_OF_OTHERS.get(session.status, ())


def plain(code: str) -> str:
    """A code no list above names, readable at least."""
    return code.replace("_", " ")
