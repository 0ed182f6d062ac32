"""Which starts are free, and who and what would be there? A slot is computed when asked, and judged again when taken."""

from care.course.slots.finding import STEP_MINUTES, every_start, free_slots
from care.course.slots.grid import is_on_step
from care.course.slots.opening import OtherDay, WeeklyRule, open_hours
from care.course.slots.pieces import Piece, Stretch, held_whole, instant, joined, overlap, piece, stretch, without
from care.course.slots.seats import fitted
from care.course.slots.values import ANY, Missing, ResourceFacts, Seat, Slot, SlotWish, Start, Why

__all__ = [
    "ANY",
    "STEP_MINUTES",
    "Missing",
    "OtherDay",
    "Piece",
    "ResourceFacts",
    "Seat",
    "Slot",
    "SlotWish",
    "Start",
    "Stretch",
    "WeeklyRule",
    "Why",
    "every_start",
    "fitted",
    "free_slots",
    "held_whole",
    "instant",
    "is_on_step",
    "joined",
    "open_hours",
    "overlap",
    "piece",
    "stretch",
    "without",
]
