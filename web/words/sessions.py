"""Which words stand for a session's kinds, states, steps and gates, and for what can be done with it?"""

from datetime import date
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
    "therapist": "a therapist of their own",
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

# The buttons that move a dose along, by its status.
NEXT = {
    "booked": ("arrive",),
    "arrived": ("dose",),
    "dosed": ("discharge",),
}

CLINICAL = {"dose": "pages.note_dose", "discharge": "pages.note_discharge"}  # what only a clinician says, and where

DOING = {
    "arrive": "Arrived",
    "dose": "Dose given",
    "discharge": "Discharge",
    "attend": "Attended",
}

ENDING = {
    "cancel": ("Cancel", "It will not happen. What follows is shown below."),
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
    "elsewhere": "Noted. The patient is not asked again.",
    "here": "Noted. The session wants a time here again.",
    "correct": "Corrected. The record keeps both.",
    "book": "Booked. The people concerned will be told.",
    "phase": "Booked. Each person gets one text with all times.",
    "move": "Moved. Each person gets one text with all new times.",
    "reseat": "Given other resources at the same time.",
    "change": "Changed. Each person gets one text with all new times.",
    "add": "Added. It has no time yet.",
    "confirm": "Noted.",
    "close": "Closed.",
    "enrol": "Enrolled. Now give the sessions their times.",
    "support": "Named. The invitation goes out by itself.",
    "pause": "Paused. Each person is told once.",
    "resume": "The course goes on. Its sessions need new times.",
    "discontinue": "Ended. The people concerned will be told.",
    "frequency": "Changed. Sessions without a time have new days.",
    "review": "Decided. The next dose no longer waits for it.",
    "request": "Answered.",
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


def elsewhere_words(session: Any, today: date) -> str:
    """Of integration that is not held here; once its day is there it counts as held."""
    return "Held with their own therapist" if session.elsewhere_on <= today else "With their own therapist"


def next_of(session: Any) -> tuple[str, ...]:
    """The buttons that move this session along; its verb still judges."""
    if session.kind == "dosing":
        return NEXT.get(session.status, ())
    return ("attend",) if session.status == "booked" else ()
