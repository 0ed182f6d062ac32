"""What do staff pages call a course's states, reviews and decisions?"""

from care.course.progress.phases import Cadence

COURSE = {
    "active": ("under way", "good"),
    "paused": ("paused", "wait"),
    "completed": ("completed", "soft"),
    "discontinued": ("ended early", "soft"),
}

REVIEW = {
    "doses": "{after} doses were given",
    "phase": "The phase {phase} is over",
    "misses": "{after} doses were missed in the phase {phase}",
    "lapse": "The last dose is longer ago than the protocol allows",
}

DECISION = {
    "continue": "Go on as planned",
    "advance": "On to the next phase",
    "step_back": "Back to the previous frequency",
    "extend": "More of this phase",
    "stop": "End the course",
}

DECIDED = {
    "continue": "went on as planned",
    "advance": "went on to the next phase",
    "step_back": "went back to the previous frequency",
    "extend": "extended the phase",
    "stop": "ended the course",
}


def cadence_words(every: Cadence) -> str:
    """How often, as staff say it: "2 a week", "every 14 days"."""
    return f"{every.per_week} a week" if every.per_week else f"every {every.every_days} days"
