"""How do staff pages name what the code calls by short names? English words for kinds, states, steps, reasons and verbs."""

from collections.abc import Mapping
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

# What must be in order before a dose, and nobody checks here.
DOSE_GATE = {
    "consent": "consent",
    "clearance": "medical clearance",
    "consult": "the consult",
    "enrolment": "enrolment in the safety programme",
    "authorisation": "authorisation",
    "medicine_on_site": "medicine on site",
    "prescription": "prescription",
    "clinician_on_video": "a clinician on video",
    "review": "the review that is due",
}

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

CLINICAL = {"dose": "pages.note_dose", "discharge": "pages.note_discharge"}  # what only a clinician says, and where

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
    "earlier_for_quiet_hours": "moved earlier because of quiet hours",
    "later_for_quiet_hours": "moved later because of quiet hours",
    "earlier_for_a_visit": "sent earlier because a visit is under way then",
    "later_for_a_visit": "sent later because a visit is under way then",
    "needed_late": "needed only when its moment had passed",
    "needed_in_quiet_hours": "needed in quiet hours, with no lawful moment left",
    "too_late": "no lawful moment left",
}

TASK = {
    "attendance_unanswered": "No answer whether they can come. Call the patient.",
    "transport_unanswered": "No answer about the ride home. Call the patient.",
    "support_unanswered": "The support person has not confirmed. Call them.",
    "new_time_unanswered": "No answer whether the new time suits. Call the patient.",
    "invitation_unanswered": "The support person has not answered the invitation.",
    "safety_evening_unanswered": "No answer to the evening safety check. Call the patient.",
    "safety_next_day_unanswered": "No answer to the next day's safety check. Call the patient.",
    "support_missing": "No support person stands by this session. Ask the patient for one.",
    "ride_unverified": "The ride home has not been confirmed today. Ask at the door.",
    "support_not_present": "The support person has not said that they are there. Call now.",
    "attendance_problem": "They cannot come, or not at that time. Call the patient.",
    "transport_problem": "There is no ride home. Call the patient.",
    "ride_today_problem": "There is no ride home today. Call the patient now.",
    "present_problem": "The support person is not there. Call now.",
    "new_time_problem": "The new time does not suit. Call them.",
    "safety_evening_problem": "Not well on the evening of the dose. Call the patient now.",
    "safety_next_day_problem": "Not well on the day after the dose. Call the patient now.",
    "integration_problem": "No integration session is wanted. Call the patient.",
    "support_problem": "The support person will not be there. The patient was told. Find another one with them.",
    "invitation_problem": "The person named does not want to be support person. The patient was told. Ask for another one.",
    "support_by_call": "A yes for the support person came from the patient's side. Call the support person to hear it.",
    "present_by_call": "A yes for the support person came from the patient's side. Call now to hear them.",
    "integration_unbooked": "No integration session has been chosen yet.",
    "integration_late": "The integration window has passed without a session.",
    "nowhere_to_go": "This session has no time any more. Find one.",
    "urgent_answer": "They answered that it is urgent. Call now.",
    "urgent_reply": "They wrote something urgent. Call now.",
    "crisis_words": "They wrote words that sound like a crisis. They got the crisis numbers. Call now.",
    "wants_call": "They want to be called.",
    "unclear_reply": "A text that could not be understood. Read it and answer.",
    "ambiguous_reply": "A digit that could answer two questions. Ask which one was meant.",
    "unknown_sender": "A text from a number that nobody here has.",
    "problem_may_be_today": "A problem, told while another visit was asked about. It may be about this one. Call now.",
    "crisis_text_lost": "The crisis numbers did not reach them. Call now.",
    "opted_out_worrying": "They want no more texts, and said more or have just had a visit. Read it and call now.",
    "opted_out": "They want no more texts. Agree on calls instead.",
    "opted_out_may_cancel": "They want no more texts, and may have meant the visit. Call them.",
    "number_unusable": "Texts do not reach this number. Ask for another one.",
    "ask_alcohol": "Alcohol was to be avoided from before this visit was booked. Ask whether they had any.",
    "not_told": "A text could not be said in time. Call instead.",
    "text_refused": "The network refused a text.",
    "sending_paused": "Sending is paused. See why, and call those whose texts wait.",
    "not_arrived": "They have not arrived. Call them.",
    "not_dosed": "They are here, and no dose is noted. Note the dose, or defer it.",
    "not_discharged": "Observation should be over, and nobody noted that they left. Look now, and note the discharge.",
    "seat_taken": "They came after all, and their place was given away. Find them another chair or other staff.",
    "missed_call": "They did not come. Call and ask how they are.",
    "missed_review": "A missed dose. Decide how the course goes on.",
    "two_missed": "Two missed doses in this phase. Review the course.",
    "deferred_review": "A deferred dose. Decide what comes instead.",
}

RECORD = {
    "enrol": "enrolled",
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
    "opt_out": "wants no more texts",
    "opt_in": "wants texts again",
    "close_task": "closed a task",
    "open_clinic": "opened the clinic",
    "send_login_code": "asked for a code to sign in",
    "sign_in": "signed in",
    "name_on_call": "named who is on call",
    "switch_safety_check": "switched safety checks on or off",
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


def task_words(code: str) -> str:
    """Why a task is there, as a sentence."""
    return TASK.get(code) or f"{plain(code).capitalize()}."


AT = {
    "morning": "that morning",
    "named": "when they are named",
    "declined": "at once after the no of the support person",
}

ANCHOR = {
    "dose": "the dose",
    "start": "the start",
    "end": "the end",
    "discharge": "the discharge",
    "arrival": "the arrival",
    "morning": "that morning",
    "named": "being named",
    "declined": "the no of the support person",
    "change": "the change",
    "alcohol_window": "the start of the window",
    "solids_stop": "the end of solid food",
    "liquids_stop": "the end of drinks",
    "integration": "the integration session",
}


def why_words(why: Mapping[str, str]) -> str:
    """Why a reminder is due when it is: "72 h before the dose, moved earlier because of quiet hours"."""
    offset, rule = why.get("offset", ""), why.get("rule", "")
    anchor = ANCHOR.get(rule) or plain(rule)
    amount = offset.lstrip("+-")
    side = "before" if offset.startswith("-") else "after"
    hung = AT.get(rule, f"at {anchor}") if amount.startswith("0 ") else f"{amount} {side} {anchor}"
    shifted = why.get("shifted", "no")
    moved = "" if shifted == "no" else f", {SHIFTED.get(shifted) or plain(shifted)}"
    return f"{hung}{moved}" if rule else ""


def plain(code: str) -> str:
    """A code no list above names, readable at least."""
    return code.replace("_", " ")
