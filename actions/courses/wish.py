"""What is wished for when somebody is enrolled? The patient, their course, who stands by them, and what was before."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from care.course.given import GivenBefore


@dataclass(frozen=True, slots=True)
class SupportNamed:
    """An adult whom the patient named. Numbers are E.164; `zone` None: they live where the patient does."""

    name: str
    number: str
    language: str = "en"
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a coordinator knows at the desk. `consented`: the patient agreed to texts, in the words in force.

    No session is planned before `starts_on`. `given`: sessions from before; with them, or with the `phase` that the
    patient is in already, `starts_on` may be past.
    """

    name: str
    number: str
    protocol: str
    starts_on: date
    weekdays: tuple[int, ...] = ()
    around: str = "10:00"
    resource_ids: tuple[UUID, ...] = ()  # of those who should be there where they can, such as a therapist
    zone: str | None = None
    language: str = "en"
    consented: bool = True
    supports: tuple[SupportNamed, ...] = ()
    given: tuple[GivenBefore, ...] = ()
    phase: str | None = None
    patient_id: UUID | None = None  # a patient who comes back for another course
    patient_ref: str | None = None  # the patient's name in another system
    external_ref: str | None = None  # the course's
    source: str = "desk"  # how they said that they agree to texts
    course_id: UUID | None = None  # the id it shall have, so that one wish sent twice is one course

    @property
    def preferences(self) -> dict[str, Any]:
        """The preferences as a course keeps them."""
        known = {"weekdays": list(self.weekdays), "around": self.around}
        return {**known, "resource_ids": [str(each) for each in self.resource_ids]} if self.resource_ids else known

    @property
    def goes_on(self) -> bool:
        """Whether the course began before it was entered."""
        return bool(self.given or self.phase)
