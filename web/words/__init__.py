"""How do staff pages name what the code calls by short names? English words for kinds, states, steps, reasons and verbs."""

from web.words.changes import FROM_A_DAY, POLICY, WEEKDAYS
from web.words.codes import plain
from web.words.course import COURSE, DECIDED, DECISION, REVIEW, cadence_words
from web.words.people import ACTOR, RECORD, SUPPORT, ZONES
from web.words.reminders import ANCHOR, AT, OUTCOME_TONE, REMINDER, SHIFTED, why_words
from web.words.sessions import (
    CAUSE,
    CLINICAL,
    DOING,
    DONE,
    DOSE_GATE,
    ENDING,
    GATE,
    HOW,
    PLACE,
    SESSION,
    STATE,
    STATUS,
    STATUS_TONE,
    STEP,
    VERDICT,
    WINDOW,
    next_of,
)
from web.words.tasks import TASK, task_words

__all__ = [
    "ACTOR",
    "ANCHOR",
    "AT",
    "CAUSE",
    "CLINICAL",
    "COURSE",
    "DECIDED",
    "DECISION",
    "DOING",
    "DONE",
    "DOSE_GATE",
    "ENDING",
    "FROM_A_DAY",
    "GATE",
    "HOW",
    "OUTCOME_TONE",
    "PLACE",
    "POLICY",
    "RECORD",
    "REMINDER",
    "REVIEW",
    "SESSION",
    "SHIFTED",
    "STATE",
    "STATUS",
    "STATUS_TONE",
    "STEP",
    "SUPPORT",
    "TASK",
    "VERDICT",
    "WEEKDAYS",
    "WINDOW",
    "ZONES",
    "cadence_words",
    "next_of",
    "plain",
    "task_words",
    "why_words",
]
