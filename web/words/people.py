"""Who did what, where do people live, and what did support people say?"""

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
    "add_resource": "added a resource",
    "change_resource": "changed a resource",
    "retire_resource": "retired a resource",
    "set_hours": "set the weekly hours",
    "set_other_hours": "set other hours on a date",
    "close": "closed for some time",
    "lift_closure": "lifted a closure",
}

SUPPORT = {
    "named": ("invited", "wait"),
    "accepted": ("said yes", "good"),
    "declined": ("said no", "bad"),
    "removed": ("taken off", "soft"),
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
