"""What changed of a patient since their app last looked? Numbered without gaps, each naming the things it touched.

What a thing is now is never part of it: the app reads it anew, or drops it when it is gone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from actions.apps.standing import Standing, standing
from models import Changed, Patient, RecordEntry, Thing, db

FAR_BEHIND = 1_000  # then reading everything anew is less than catching up
MARK = 12  # hex digits


@dataclass(frozen=True, slots=True)
class Touched:
    """One thing that a change touched, and whether it is gone by now."""

    kind: Thing
    id: UUID
    gone: bool


@dataclass(frozen=True, slots=True)
class Change:
    no: int
    at: datetime
    verb: str
    things: tuple[Touched, ...]


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """`reset`: what the app knows cannot be continued; it reads everything anew. `mark` tells one history from another."""

    items: tuple[Change, ...]
    last: int
    mark: str
    more: bool
    reset: bool = False


def changes_since(patient: Patient, since: int, *, mark: str | None, most: int, now: datetime) -> CaughtUp:
    """The changes after number `since`, at most so many; each thing is named where it was touched last."""
    if patient.change_no - since > FAR_BEHIND or _is_another_history(patient, since, mark):
        return CaughtUp((), since, mark or "", more=False, reset=True)
    entries = _entries(patient, since, most)
    if entries and entries[0].change_no != since + 1:  # what came in between is kept no more
        return CaughtUp((), since, mark or "", more=False, reset=True)
    if not entries:
        return CaughtUp((), since, mark_of(patient, since), more=False)
    last = entries[-1].change_no or since
    return CaughtUp(_changes(patient, entries, now), last, _mark(entries[-1]), more=last < patient.change_no)


def mark_of(patient: Patient, no: int) -> str:
    """What tells this history's change `no` from another's; empty before the first."""
    entry = db.session.scalar(_numbered(patient).where(RecordEntry.change_no == no))
    return _mark(entry) if entry else ""


def _mark(entry: RecordEntry) -> str:
    return bytes(entry.mac).hex()[:MARK]


def _is_another_history(patient: Patient, since: int, mark: str | None) -> bool:
    """The app is ahead of us, or its last change was another one: our database was restored from an earlier day."""
    return since > patient.change_no or (mark is not None and mark != mark_of(patient, since))


def _entries(patient: Patient, since: int, most: int) -> Sequence[RecordEntry]:
    later = _numbered(patient).where(RecordEntry.change_no > since).order_by(RecordEntry.change_no).limit(most)
    return db.session.scalars(later).all()


def _numbered(patient: Patient) -> Select[RecordEntry]:
    return select(RecordEntry).where(RecordEntry.clinic_id == patient.clinic_id, RecordEntry.patient_id == patient.id)


def _changes(patient: Patient, entries: Sequence[RecordEntry], now: datetime) -> tuple[Change, ...]:
    stands = standing(patient, now)
    touched = _touched(patient, entries, stands)
    latest = {thing: no for no in sorted(touched) for thing in touched[no]}
    return tuple(
        Change(
            entry.change_no or 0,
            entry.at,
            entry.verb,
            tuple(
                Touched(kind, id_, stands.is_gone(kind, id_))
                for kind, id_ in touched[entry.change_no or 0]
                if latest[kind, id_] == entry.change_no
            ),
        )
        for entry in entries
    )


def _touched(
    patient: Patient, entries: Sequence[RecordEntry], stands: Standing
) -> dict[int, dict[tuple[Thing, UUID], None]]:
    """By number, in a stable order: what the verb was about, what else was written, and what hangs on those."""
    found: dict[int, dict[tuple[Thing, UUID], None]] = {}
    written = _written(patient, entries)
    for entry in entries:
        no = entry.change_no or 0
        about = stands.with_all_that_hangs_on(entry.subject_id) if entry.subject_id else ()
        found[no] = dict.fromkeys((*about, *(each for id_ in written.get(no, ()) for each in stands.with_its_own(id_))))
    return found


def _written(patient: Patient, entries: Iterable[RecordEntry]) -> dict[int, list[UUID]]:
    rows = select(Changed.change_no, Changed.thing_id).where(
        Changed.clinic_id == patient.clinic_id,
        Changed.patient_id == patient.id,
        Changed.change_no.in_([entry.change_no for entry in entries]),
    )
    found: dict[int, list[UUID]] = {}
    for no, thing_id in db.session.execute(rows.order_by(Changed.change_no, Changed.thing_id)):
        found.setdefault(no, []).append(thing_id)
    return found
