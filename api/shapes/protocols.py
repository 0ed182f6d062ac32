"""How is a protocol shown, and how does a clinician say what it should be, for all or for one course?"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response
from marshmallow import ValidationError, fields

from actions.protocols.effects import Effects, SessionEffect
from actions.protocols.turn import EffectsAreStale
from api.contract.fields import At, Day, Id, Line, Truth, Whole, Word
from api.contract.problems import INVALID, PLAN_STALE, Problem, RefusalShape, answer, refused
from api.contract.shape import Given, Shown
from api.contract.voice import plain, told_refusal
from care.facts import SessionKind
from care.kinds import KINDS
from care.protocol import Setting
from care.protocols import ProtocolError
from care.protocols.comparing import Difference
from care.protocols.overriding import OVERRIDABLE, Side
from care.windows import WindowKind

NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
PLAN = "3f9c1e0b7a6d4c52b8e1f0a9d7c6b5e4"  # as an example


def _name(**options: Any) -> Line:
    says = "Must be a word of letters, digits and underscores."
    return Line(32, pattern=NAME, example="iv_6", says=says, **options)


def _reason() -> Line:
    return Line(500, example="Our own rooms.", required=True, about="goes into the record")


def _agreed() -> Line:
    return Line(64, example=PLAN, required=True, about="`token` of the preview that was agreed to")


class Anything(fields.Raw):
    """A value of whatever kind the field has: a number, a word, a list, texts by language."""

    def __init__(self, *, example: Any, about: str, **options: Any) -> None:
        super().__init__(metadata={"example": example, "description": about}, **options)


class Single(Anything):
    """A number, a word or true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str | int | float | bool):
            raise ValidationError("Must be a number, a word, or true or false.")
        return value


# What comes in


class VersionWished(Given):
    """A protocol as a clinic wants it: all its differences from the shipped one, nested like `rules`."""

    name = _name(required=True, about="a shipped protocol's, or one of your own")
    base = _name(required=True, about="the shipped protocol that it differs from")
    differences = fields.Dict(
        required=True,
        metadata={
            "description": "nested like `rules`; a leaf is a value, or {value, source}; null takes a phase or measure away",
            "example": {"preparation": {"solids_h": {"value": 6, "source": "C [S59]"}}, "observation_minutes": 90},
        },
    )
    safety = Truth(load_default=False, about="running courses give no dose until a clinician adopts it or declines")
    follows = Whole(1, 9999, exemplary=False, about="the version that you saw; refused when there is a newer one")


class VersionMade(VersionWished):
    reason = _reason()


class AdoptionWished(Given):
    """The version that a course should go on under."""

    protocol = _name(required=True)
    version = Whole(1, 9999, example=2, required=True)
    phase = _name(
        exemplary=False, about="of its phases the one that the course is in; needed when the protocol is another"
    )


class AdoptionAgreed(AdoptionWished):
    plan = _agreed()
    reason = _reason()


class DeclineGiven(Given):
    reason = _reason()


class OverrideWished(Given):
    """One number that is another for one course."""

    path = Line(80, example="preparation.solids_h", required=True, about="one of `overridable`")
    value = Single(example=24, about="within its bound, to the careful side", required=True)


class OverrideAgreed(OverrideWished):
    plan = _agreed()
    reason = _reason()


class EndingAgreed(Given):
    plan = _agreed()
    reason = _reason()


# What goes out


class DifferenceShown(Shown):
    """One field that is another; null: it is not there."""

    path = fields.String(metadata={"example": "preparation.solids_h"})
    before = Anything(example=8, about="as it was", allow_none=True)
    after = Anything(example=6, about="as it is", allow_none=True)
    source = fields.String(allow_none=True, metadata={"example": "C [S59]", "description": "of what holds now"})


class ProtocolShown(Shown):
    """`version` 1 of a shipped protocol is the shipped one itself."""

    name = fields.String(metadata={"example": "iv_6"})
    title = fields.String(metadata={"example": "Clinic course: 6 sessions, then as agreed"})
    setting = Word(Setting)
    base = fields.String(metadata={"example": "iv_6"})
    version = Whole(1, 9999, about="the latest")
    safety = Truth()


class ProtocolWhole(ProtocolShown):
    rules = fields.Dict(metadata={"description": "every parameter as {value, source}"})
    sources = fields.Dict(metadata={"description": "field path -> its source, or `clinic default`"})


class ProtocolList(Shown):
    items = fields.List(fields.Nested(ProtocolShown))


class VersionShown(Shown):
    """One version; `changes` from the one before it, the first from the shipped base."""

    id = Id()
    name = fields.String(metadata={"example": "iv_6"})
    base = fields.String(metadata={"example": "iv_6"})
    version = Whole(1, 9999, example=2)
    safety = Truth()
    made_at = At(allow_none=True, about="null: as it was shipped")
    reason = fields.String(allow_none=True, metadata={"example": "Our own rooms."})
    differences = fields.Dict(metadata={"description": "from the shipped base, as they were given"})
    changes = fields.List(fields.Nested(DifferenceShown))


class VersionList(Shown):
    items = fields.List(fields.Nested(VersionShown))


class VersionPreviewShown(Shown):
    """What the next version would say."""

    name = fields.String(metadata={"example": "iv_6"})
    version = Whole(1, 9999, example=2)
    rules = fields.Dict(metadata={"description": "every parameter as {value, source}"})
    from_base = fields.List(fields.Nested(DifferenceShown))
    from_previous = fields.List(fields.Nested(DifferenceShown))
    running = Whole(0, 1_000_000, about="courses that follow an earlier version, and stay with it until they adopt")


class DaysUnderRules(Shown):
    phase = fields.String(metadata={"example": "induction"})
    target_on = Day()
    earliest_on = Day()
    latest_on = Day()


class SessionEffectShown(Shown):
    """One session to come. `before` null: it is new; `after` null: the new rules have no place for it."""

    session_id = Id(allow_none=True)
    kind = Word(SessionKind)
    number = Whole(1, 999)
    before = fields.Nested(DaysUnderRules, allow_none=True)
    after = fields.Nested(DaysUnderRules, allow_none=True)
    starts_at = At(allow_none=True, about="its booked time, which stays until somebody moves it")
    violations = fields.List(fields.Nested(RefusalShape), metadata={"description": "what speaks against that time"})
    other_needs = Truth(about="it takes other people, rooms or minutes than are booked")


class TextsShown(Shown):
    """How many reminders of one kind are no longer to be said, and how many new ones are."""

    kind = Word(KINDS, named="ReminderKind")
    withdrawn = Whole(0, 10_000)
    new = Whole(0, 10_000)


class SpanShown(Shown):
    start = At()
    end = At()


class WindowEffectShown(Shown):
    kind = Word(WindowKind)
    session_ids = fields.List(Id())
    before = fields.Nested(SpanShown, allow_none=True)
    after = fields.Nested(SpanShown, allow_none=True)


class EffectsShown(Shown):
    """Everything that would be another; send `token` as `plan` to have exactly this."""

    token = fields.String(metadata={"example": PLAN})
    rules = fields.List(fields.Nested(DifferenceShown))
    sessions = fields.List(fields.Nested(SessionEffectShown))
    texts = fields.List(fields.Nested(TextsShown))
    windows = fields.List(fields.Nested(WindowEffectShown))


class OverridableShown(Shown):
    """A number that may be another for one course, and how far."""

    path = Word(OVERRIDABLE, named="OverridePath")
    value = Anything(example=8, about="what the protocol says", allow_none=True)
    side = Word(Side, about="which way it may go from `bound`")
    bound = Anything(example=8, about="the clinic's own bound, else what the protocol says", allow_none=True)


class OverrideShown(Shown):
    id = Id()
    path = Word(OVERRIDABLE, named="OverridePath")
    value = Anything(example=24, about="what holds for this course", allow_none=True)
    reason = fields.String(metadata={"example": "Takes a medicine that slows the stomach."})
    made_at = At()
    ended_at = At(allow_none=True)


class OverrideList(Shown):
    items = fields.List(fields.Nested(OverrideShown))


class AdoptionShown(Shown):
    """A clinician's answer to one version for this course."""

    id = Id()
    protocol = fields.String(metadata={"example": "iv_6"})
    version = Whole(1, 9999, example=2)
    adopted = Truth(about="false: declined")
    at = At()
    reason = fields.String(allow_none=True, metadata={"example": "Our own rooms."})


class AdoptionList(Shown):
    items = fields.List(fields.Nested(AdoptionShown))


class Adopted(Shown):
    """What the course follows now, and what became another."""

    protocol = fields.String(metadata={"example": "iv_6"})
    version = Whole(1, 9999, example=2)
    phase = fields.String(metadata={"example": "induction"})
    effects = fields.Nested(EffectsShown)


class Overridden(Shown):
    override = fields.Nested(OverrideShown)
    effects = fields.Nested(EffectsShown)


class SafetyVersionShown(Shown):
    id = Id()
    version = Whole(1, 9999, example=3)
    reason = fields.String(allow_none=True, metadata={"example": "Observation is longer."})


class CourseRules(Shown):
    """What a course follows: its pinned version, what is overridden, and what a clinician chose."""

    protocol = fields.String(metadata={"example": "iv_6"})
    version = Whole(1, 9999, example=1)
    phase = fields.String(metadata={"example": "induction"})
    every_days = Whole(1, 366, allow_none=True, about="the interval that a clinician chose; null: the protocol's own")
    per_week = Whole(1, 7, allow_none=True)
    rules = fields.Dict(metadata={"description": "every parameter as it holds for this course"})
    overrides = fields.List(fields.Nested(OverrideShown), metadata={"description": "those in force"})
    overridable = fields.List(fields.Nested(OverridableShown))
    safety_version = fields.Nested(SafetyVersionShown, allow_none=True)


def effects_shown(effects: Effects) -> dict[str, Any]:
    return {
        "token": effects.token,
        "rules": [difference_shown(each) for each in effects.rules],
        "sessions": [_session(each) for each in effects.sessions],
        "texts": effects.texts,
        "windows": [
            {
                "kind": each.kind,
                "session_ids": each.session_ids,
                "before": _span(each.before),
                "after": _span(each.after),
            }
            for each in effects.windows
        ],
    }


def difference_shown(each: Difference) -> dict[str, Any]:
    return {"path": each.path, "before": plain(each.before), "after": plain(each.after), "source": each.source}


def stale_effects(said: EffectsAreStale) -> Response:
    """412 with the effects as they are now."""
    shown: Any = EffectsShown().dump(effects_shown(said.effects))
    return answer(refused(said.refusals, PLAN_STALE, preview=shown))


def wrong_fields(said: ProtocolError) -> Response:
    """422 with every field of the protocol that is not right, by its path."""
    return answer(Problem(INVALID, str(said), fields=_fields(said.fields)))


def _fields(wrong: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"where": "json", "field": path, "say": f"{says[:1].upper()}{says[1:]}."}
        for path, says in sorted(wrong.items())
    ]


def _session(each: SessionEffect) -> dict[str, Any]:
    return {
        "session_id": each.session_id,
        "kind": each.kind,
        "number": each.number,
        "before": each.before,
        "after": each.after,
        "starts_at": each.starts_at,
        "violations": _told(each.violations),
        "other_needs": each.other_needs,
    }


def _told(refusals: Iterable[Any]) -> list[dict[str, Any]]:
    return [told_refusal(each) for each in refusals]


def _span(times: tuple[Any, Any] | None) -> dict[str, Any] | None:
    return {"start": times[0], "end": times[1]} if times else None
