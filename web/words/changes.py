"""Which words stand for changes of a course: what is changed, how far it goes, and what follows?"""

# The verbs that take all sessions from a day on.
FROM_A_DAY = {
    "move": "Other days or another time of day",
    "defer": "Push back by some days",
    "omit": "Leave out",
    "cancel": "Cancel",
}

POLICY = {
    "continue": ("The course goes on as planned", "Nothing moves and nothing is added."),
    "append": ("One more at the end of the phase", "As soon after its last one as the spacing allows."),
    "slide": ("The course becomes one longer", "One more in the usual rhythm; the phases after it move back."),
    "clinician": ("A clinician decides", "They get a task; nothing changes until then."),
}

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
