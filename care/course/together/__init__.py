"""When shall several sessions of a course be, all at once? The wish, the proposal that keeps every rule, and its judge."""

from care.course.booking import Terms
from care.course.together.judging import conflicts, judged, nearest
from care.course.together.proposing import Proposal, Proposed, propose
from care.course.together.wish import Unbooked, Wish

__all__ = ["Proposal", "Proposed", "Terms", "Unbooked", "Wish", "conflicts", "judged", "nearest", "propose"]
