"""Somebody is away, or the whole clinic: where do the sessions that are hit go?"""

from care.course.closing.fairness import Proposal, propose
from care.course.closing.gaps import gaps
from care.course.closing.placing import Diary, HitCourse, Sitting, patient_is_free

__all__ = ["Diary", "HitCourse", "Proposal", "Sitting", "gaps", "patient_is_free", "propose"]
