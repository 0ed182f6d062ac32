"""Which numbers of a protocol may be others for one patient, and how far? Only to the careful side of what the clinic's
protocol says, unless the clinic has set a bound of its own.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from care.protocol import Gate, Phase, Protocol, Spacing
from care.protocols import as_json, resolve
from care.protocols.checks import most_a_week
from care.protocols.document import ProtocolError
from care.protocols.fields import FIELDS, pattern

HARDNESS = (None, Gate.ADVISORY, Gate.SOFT, Gate.HARD)  # the harder the later
FOR_THIS_COURSE = "for this course"

Wrong = dict[str, str]


class Side(StrEnum):
    """Which way is the careful one."""

    MORE = "more"
    LESS = "less"
    EITHER = "either"
    HARDER = "harder"
    NEVER = "never"  # may be taken back, not allowed


# Fasting for a slow stomach, as with GLP-1 medicines: 24 hours without solids, sources [S69] [S70].
OVERRIDABLE: Mapping[str, Side] = {
    "preparation.solids_h": Side.MORE,
    "preparation.light_meal_h": Side.MORE,
    "preparation.any_liquid_h": Side.MORE,
    "preparation.clear_liquid_h": Side.MORE,
    "preparation.alcohol_before_h": Side.MORE,
    "preparation.alcohol_after_h": Side.MORE,
    "preparation.nasal_product_h": Side.MORE,
    "driving.hours": Side.MORE,
    "spacing.min_gap_days": Side.MORE,
    "spacing.max_in_course_week": Side.LESS,
    "spacing.max_in_seven_days": Side.LESS,
    "lapse_days": Side.LESS,
    "observation_minutes": Side.MORE,
    "support_stay_minutes": Side.MORE,
    "support_min_age": Side.MORE,
    "support_gate": Side.HARDER,
    "transport_gate": Side.HARDER,
    "rideshare": Side.NEVER,
    "blood_pressure.systolic": Side.LESS,
    "blood_pressure.diastolic": Side.LESS,
    "blood_pressure.readings": Side.MORE,
    "integration.after_each": Side.EITHER,
    "integration.window_from_h": Side.EITHER,
    "integration.window_until_h": Side.EITHER,
}


def overriding(protocol: Protocol, values: Mapping[str, Any]) -> Protocol:
    """The protocol with these fields' values for one course. Raises `ProtocolError` with every bad field.

    Choices of a cadence for which the spacing no longer leaves room are no choices any more. Whoever must eat nothing solid
    for longer eats nothing light either, unless that has a number of its own.
    """
    whole = {**_light_too(protocol, values), **values, **_room_left(protocol, values)}
    return resolve(
        protocol, _nested({path: {"value": value, "source": FOR_THIS_COURSE} for path, value in whole.items()})
    )


def override(
    protocol: Protocol, in_force: Mapping[str, Any], path: str, value: Any, bounds: Mapping[str, Any]
) -> Protocol:
    """The protocol as it would be with one more override, beside those `in_force`.

    `bounds`: a clinic's own by path, where it allows more than its protocol says. Raises `ProtocolError`: not a field to
    override, not a value of it, beyond its bound, or against another number.
    """
    if path not in OVERRIDABLE:
        raise ProtocolError({path: f"is not for one course alone; these are: {', '.join(OVERRIDABLE)}"})
    try:
        wanted = FIELDS[pattern(path)](value)
    except ValueError as error:
        raise ProtocolError({path: str(error)}) from error
    bound = bound_of(protocol, path, bounds)
    if not _CAREFUL[OVERRIDABLE[path]](wanted, bound):
        raise ProtocolError({path: _says(OVERRIDABLE[path], bound)})
    return overriding(protocol, {**in_force, path: value})


def bound_of(protocol: Protocol, path: str, bounds: Mapping[str, Any]) -> Any:
    """How far an override may go: the clinic's own bound, else what its protocol says."""
    return FIELDS[pattern(path)](bounds.get(path, value_of(protocol, path)))


def value_of(protocol: Protocol, path: str) -> Any:
    """What the protocol says at this path, as a document has it."""
    table: Any = as_json(protocol)
    for name in path.split("."):
        table = table[name]
    return table["value"]


def _light_too(protocol: Protocol, values: Mapping[str, Any]) -> dict[str, Any]:
    solids, light = values.get("preparation.solids_h", 0), protocol.preparation.light_meal_h
    return {"preparation.light_meal_h": solids} if light and solids > protocol.preparation.solids_h else {}


def _room_left(protocol: Protocol, values: Mapping[str, Any]) -> dict[str, Any]:
    spacing = [values.get(f"spacing.{name}", getattr(protocol.spacing, name)) for name in _SPACING]
    gap, often = spacing[0], most_a_week(Spacing(*spacing))
    left: dict[str, Any] = {}
    for phase in protocol.phases:
        left |= {f"phases.{phase.name}.{field}": list(kept) for field, kept in _choices(phase, gap, often).items()}
    return {path: kept for path, kept in left.items() if kept != value_of(protocol, path)}


def _choices(phase: Phase, gap: int, often: int) -> dict[str, tuple[int, ...]]:
    return {
        "per_week_choices": tuple(count for count in phase.per_week_choices if count <= often),
        "every_days": tuple(days for days in phase.every_days if days >= gap),
    }


_SPACING = ("min_gap_days", "max_in_course_week", "max_in_seven_days")


_CAREFUL: Mapping[Side, Callable[[Any, Any], bool]] = {
    Side.MORE: lambda wanted, bound: wanted >= bound,
    Side.LESS: lambda wanted, bound: wanted <= bound,
    Side.EITHER: lambda wanted, bound: True,
    Side.HARDER: lambda wanted, bound: HARDNESS.index(wanted) >= HARDNESS.index(bound),
    Side.NEVER: lambda wanted, bound: not wanted or bool(bound),
}


def _says(side: Side, bound: Any) -> str:
    return {
        Side.MORE: f"must not be below {bound}",
        Side.LESS: f"must not be above {bound}",
        Side.HARDER: f"must not be milder than {bound or 'none'}",
        Side.NEVER: "may be taken back for one course, not allowed",
    }[side]


def _nested(stated: Mapping[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for path, leaf in stated.items():
        *tables, name = path.split(".")
        table = whole
        for each in tables:
            table = table.setdefault(each, {})
        table[name] = leaf
    return whole
