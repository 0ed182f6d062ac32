"""Which rows may the caller touch? One function a role; what is out of reach answers like what is missing."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select

from actions.record import lock
from api.auth import Caller, caller
from api.contract.problems import NOT_FOUND, Problem
from models import Patient, db

Row = TypeVar("Row")


def within_clinic(table: Any, known: Caller) -> Select[Any]:
    """Staff reach what is their clinic's."""
    return select(table).where(table.clinic_id == known.clinic.id)


def within_own_care(table: Any, known: Caller) -> Select[Any]:
    """A patient reaches what is about themselves; tables that belong to no patient hold nothing for them."""
    owner = table.id if table is Patient else table.patient_id
    return within_clinic(table, known).where(owner == known.actor.id)


REACH: dict[str, Callable[[Any, Caller], Select[Any]]] = {
    "patient": within_own_care,
    "coordinator": within_clinic,
    "clinician": within_clinic,
}


def reachable(table: type[Row]) -> Select[Row]:
    """The rows of this table that the caller may touch."""
    known = caller()
    return REACH[known.actor.kind](table, known)


def find(table: type[Row], row_id: UUID) -> Row:
    """The row, or the same 404 for another clinic's, another patient's and nobody's."""
    key: Any = table
    row: Row | None = db.session.scalar(reachable(table).where(key.id == row_id))
    if row is None:
        raise missing()
    return row


def missing() -> Problem:
    """What another clinic's, another patient's and nobody's answer alike."""
    return Problem(NOT_FOUND, "There is nothing here with this id, or it is not yours to see.")


def find_locked(table: type[Row], row_id: UUID) -> Row:
    """The row as it is under its patient's lock, so that what is judged now still holds when it is written."""
    row: Any = find(table, row_id)
    lock(row.clinic_id, row.patient_id)
    db.session.refresh(row)
    found: Row = row
    return found
