"""Which of a patient's things did each of their changes touch? Noticed as rows are written, whatever verb writes them.

An app that keeps a store of its own can trust it only when nothing changes unnamed, so it is not left to each verb to say.
Rows written by statements instead (whole courses) are covered by naming their course.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Integer, Uuid, event, inspect
from sqlalchemy.orm import Mapped, SessionTransaction, mapped_column
from sqlalchemy.orm import Session as OrmSession

from models.columns import Moment, Word, one_of
from models.courses.course import Course
from models.courses.session import Session
from models.database import Base, db
from models.people import Patient, SupportPerson

log = logging.getLogger(__name__)


class Thing(StrEnum):
    """What an app keeps of a patient. A hold is named by its session."""

    PROFILE = "profile"
    COURSE = "course"
    SESSION = "session"
    SUPPORT = "support"
    ANSWER = "answer"
    HOLD = "hold"
    REQUEST = "request"


NOTICED: dict[type[Any], Thing] = {Course: Thing.COURSE, Session: Thing.SESSION, SupportPerson: Thing.SUPPORT}


class Changed(Base):
    """One thing that one change touched. `was_at` to `was_until`: the time that a session lost by it."""

    __tablename__ = "changed"
    clinic_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    patient_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    change_no: Mapped[int] = mapped_column(Integer, primary_key=True)
    thing_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    thing: Mapped[str] = mapped_column(Word)
    was_at: Mapped[datetime | None] = mapped_column(Moment)
    was_until: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "patient_id"], ["patient.clinic_id", "patient.id"], deferrable=True, initially="DEFERRED"
        ),
        one_of("thing", tuple(NOTICED.values())),
        Index("ix_changed_thing", "clinic_id", "thing_id"),
    )


@dataclass(slots=True)
class _Touch:
    """One row as it was written, and the time that it gave up."""

    thing: Thing
    lost: tuple[datetime, datetime] | None


@dataclass(slots=True)
class _Patient:
    """What the present transaction did to one patient: their number so far, and what no number names yet."""

    number: int | None = None
    named: dict[UUID, Changed] = field(default_factory=dict)
    unnamed: dict[UUID, _Touch] = field(default_factory=dict)


def number(patient: Patient) -> None:
    """The patient's next change: what was touched so far in this transaction belongs to it, and what comes until the next."""
    session = db.session()
    _notice(session)
    patient.change_no += 1
    ours = _changes(session).setdefault(patient.id, _Patient())
    ours.number, ours.named = patient.change_no, {}
    waiting, ours.unnamed = ours.unnamed, {}
    for thing_id, touch in waiting.items():
        _name(session, ours, (patient.clinic_id, patient.id, thing_id), touch)


def _notice(session: OrmSession, *_: object) -> None:
    """Before rows are written; afterwards nobody could tell what they were."""
    for row in [*session.new, *session.dirty]:
        if type(row) in NOTICED and (row in session.new or session.is_modified(row)):
            ours = _changes(session).setdefault(row.patient_id, _Patient())
            touch = _Touch(NOTICED[type(row)], _lost_time(row))
            if ours.number is None:
                known = ours.unnamed.get(row.id)
                ours.unnamed[row.id] = _Touch(touch.thing, touch.lost or (known.lost if known else None))
            else:
                _name(session, ours, (row.clinic_id, row.patient_id, row.id), touch)


def _name(session: OrmSession, ours: _Patient, place: tuple[UUID, UUID, UUID], touch: _Touch) -> None:
    clinic_id, patient_id, thing_id = place
    known = ours.named.get(thing_id)
    if known is None or known not in session:
        known = Changed(
            clinic_id=clinic_id,
            patient_id=patient_id,
            change_no=ours.number,
            thing_id=thing_id,
            thing=touch.thing,
        )
        ours.named[thing_id] = known
        session.add(known)
    if touch.lost is not None:
        known.was_at, known.was_until = touch.lost


def _lost_time(row: Any) -> tuple[datetime, datetime] | None:
    """The time that this session has given up since it was last written."""
    if not isinstance(row, Session) or row.starts_at is not None:
        return None
    were = [inspect(row).attrs[name].history.deleted for name in ("starts_at", "ends_at")]
    lost = [old[0] for old in were if old and old[0] is not None]
    return (lost[0], lost[1]) if len(lost) == 2 else None


def _warn_of_silence(session: OrmSession) -> None:
    silent = [str(patient_id) for patient_id, ours in _changes(session).items() if ours.unnamed]
    if silent and not session.in_nested_transaction():
        log.warning("changed without a word in the record", extra={"patient_ids": silent})


def _forget(session: OrmSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop("changes", None)


def _changes(session: OrmSession) -> dict[UUID, _Patient]:
    found: dict[UUID, _Patient] = session.info.setdefault("changes", {})
    return found


def init_app(_: object) -> None:
    listeners: dict[str, Callable[..., Any]] = {
        "before_flush": _notice,
        "after_commit": _warn_of_silence,
        "after_transaction_end": _forget,
    }
    for name, listener in listeners.items():
        if not event.contains(OrmSession, name, listener):
            event.listen(OrmSession, name, listener)
