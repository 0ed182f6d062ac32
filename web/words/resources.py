"""How do staff pages name chairs and people, and what their calendars and closures bring?"""

from web.words.codes import plain

KIND = {
    "chair": "Chairs and rooms",
    "clinician": "Clinicians",
    "monitor": "Monitors",
    "therapist": "Therapists",
    "guide": "Guides",
}

DONE = {
    "closed": "Closed. Whoever was moved hears of their new times, and nobody can be booked into it.",
    "lifted": "Open again. Nobody was moved back.",
}

WRONG = {
    "address": "its address cannot be called",
    "forbidden": "its address leads inside a network that is not called",
    "unknown_host": "nobody is known by its address",
    "unreachable": "nobody answers there",
    "untrusted": "its certificate is not trusted",
    "slow": "it takes too long",
    "too_large": "it is too large",
    "broken": "the answer broke off",
    "not_a_calendar": "what is there is no calendar",
    "too_much": "it has more times than anybody could be busy",
}


def wrong_words(why: str) -> str:
    """Why somebody's own calendar could not be read."""
    return WRONG.get(why, plain(why))
