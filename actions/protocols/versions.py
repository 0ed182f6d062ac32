"""Which versions of a protocol does a clinic have, and how does the next one come to be? A version never changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from actions.courses.enrol import protocol_row
from actions.protocols.safety import RUNNING, ask_to_adopt
from actions.record import Actor, Verb, note
from actions.store import stored
from care.course.booking import by_a_clinician
from care.protocol import Protocol as Rules
from care.protocols import ProtocolError, as_json, from_json, shipped
from care.protocols.comparing import Difference, differences
from care.protocols.differences import overlay
from care.refusals import Code, Refusal, Refused, refuse_if_any
from models import Clinic, Course, Protocol, db

LONGEST_NAME = 32


@dataclass(frozen=True, slots=True)
class Edit:
    """What a clinician wants a protocol to be: all its differences from the shipped `base`.

    `follows`: the version that they saw, so that nobody's edit is lost; None does not look.
    """

    name: str
    base: str
    differences: Mapping[str, Any]
    safety: bool = False
    follows: int | None = None


@dataclass(frozen=True, slots=True)
class VersionPreview:
    """The rules as they would be. `running`: how many courses follow an earlier version and stay with it for now."""

    rules: Rules
    from_base: tuple[Difference, ...]
    from_previous: tuple[Difference, ...]
    running: int


def preview_version(clinic: Clinic, edit: Edit) -> VersionPreview:
    """What the next version would say, written nowhere. Raises `ProtocolError` with every bad field, or `Refused`."""
    previous = newest(clinic, edit.name)
    rules = _resolved(edit, previous)
    was = from_json(previous.resolved) if previous else shipped().get(edit.name, shipped()[edit.base])
    _refuse_no_news(edit, previous, rules, was)
    return VersionPreview(
        rules, differences(shipped()[edit.base], rules), differences(was, rules), _running(clinic, edit.name)
    )


def make_version(clinic: Clinic, edit: Edit, *, reason: str, by: Actor, now: datetime) -> Protocol:
    """Write the next version; courses under way stay with theirs. A safety version stops their doses until adopted or declined.

    Raises as `preview_version`, and `Refused` when somebody else was first.
    """
    refuse_if_any(by_a_clinician(by.kind))
    if edit.name in shipped():
        protocol_row(clinic, edit.name)  # the shipped one is version 1
    rules = preview_version(clinic, edit).rules
    row = Protocol(
        clinic_id=clinic.id,
        name=edit.name,
        base=edit.base,
        version=rules.version,
        differences=dict(edit.differences),
        resolved=as_json(rules),
        safety=edit.safety,
        made_at=now,
        staff_id=by.id,
        reason=reason,
    )
    if not stored(row):
        raise Refused([Refusal(Code.VERSION_SUPERSEDED, {"version": rules.version})])
    known = {"name": row.name, "version": row.version, "safety": row.safety}
    note(Verb.EDIT_PROTOCOL, by=by, now=now, subject_id=row.id, facts=known, reason=reason)
    if row.safety:
        ask_to_adopt(clinic, row, now=now)
    return row


def newest(clinic: Clinic, name: str) -> Protocol | None:
    """The clinic's latest version of this protocol."""
    return next(iter(versions(clinic, name)), None)


def versions(clinic: Clinic, name: str) -> Sequence[Protocol]:
    """Every version of this protocol, the latest first. None for what could be no name."""
    if not name.isidentifier():
        return ()
    mine = select(Protocol).where(Protocol.clinic_id == clinic.id, Protocol.name == name)
    return db.session.scalars(mine.order_by(Protocol.version.desc())).all()


def names(clinic: Clinic) -> list[str]:
    """The protocols that a course of this clinic can follow: its own and the shipped ones."""
    mine = select(Protocol.name).where(Protocol.clinic_id == clinic.id).distinct()
    return sorted({*db.session.scalars(mine), *shipped()})


def from_previous(row: Protocol, before: Protocol | None) -> tuple[Difference, ...]:
    """What a version says otherwise than the one before it; the first one, than the shipped one it is based on."""
    was = from_json(before.resolved) if before else shipped()[row.base]
    return differences(was, from_json(row.resolved))


def _resolved(edit: Edit, previous: Protocol | None) -> Rules:
    wrong = _wrong_head(edit, previous)
    if wrong:
        raise ProtocolError(wrong)
    version = previous.version + 1 if previous else 2 if edit.name in shipped() else 1
    head = {"name": edit.name, "version": version}
    return from_json(overlay(as_json(shipped()[edit.base]), edit.differences) | head)


def _wrong_head(edit: Edit, previous: Protocol | None) -> dict[str, str]:
    base = previous.base if previous else edit.name if edit.name in shipped() else edit.base
    found = {f"differences.{name}": "is set by itself" for name in ("name", "version") if name in edit.differences}
    if edit.base not in shipped():
        found["base"] = f"must be one of {', '.join(shipped())}"
    elif edit.base != base:
        found["base"] = f"is {base} for every version of this protocol"
    if not edit.name.isidentifier() or not edit.name.isascii() or len(edit.name) > LONGEST_NAME:
        found["name"] = f"must be a word of at most {LONGEST_NAME} letters, digits and underscores"
    return found


def _refuse_no_news(edit: Edit, previous: Protocol | None, rules: Rules, was: Rules) -> None:
    if previous is not None and edit.follows not in (None, previous.version):
        raise Refused([Refusal(Code.VERSION_SUPERSEDED, {"version": previous.version})])
    raises_safety = edit.safety and not (previous and previous.safety)
    is_new = previous is None and edit.name not in shipped()
    if not is_new and not raises_safety and not differences(was, rules):
        raise Refused([Refusal(Code.NOTHING_CHANGES)])


def _running(clinic: Clinic, name: str) -> int:
    under_way = select(func.count(Course.id)).join(Course.protocol)
    mine = under_way.where(Course.clinic_id == clinic.id, Protocol.name == name, Course.status.in_(RUNNING))
    return db.session.scalar(mine) or 0
