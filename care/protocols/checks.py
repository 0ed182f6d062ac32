"""Do the numbers of a protocol, each right by itself, contradict one another?"""

from care.protocol import Phase, Preceding, Protocol, Spacing, Visit


def contradictions(protocol: Protocol) -> dict[str, str]:
    """Field path -> what would be right, for every number that cannot stand beside another."""
    found: dict[str, str] = {}
    for phase in protocol.phases:
        found |= {f"phases.{phase.name}.{field}": wrong for field, wrong in _phase(phase, protocol).items()}
    for kind, visit in protocol.visits.items():
        if wrong := _visit(visit):
            found[f"visits.{kind}.needs"] = wrong
    for kind, rule in protocol.preceding.items():
        if wrong := _preceding(rule):
            found[f"preceding.{kind}.from_days"] = wrong
    return found | _spacing(protocol) | _preparation(protocol) | _integration(protocol)


def most_a_week(spacing: Spacing) -> int:
    """How many doses a course week has room for."""
    return min(spacing.max_in_course_week, spacing.max_in_seven_days, 7 // spacing.min_gap_days)


def _phase(phase: Phase, protocol: Protocol) -> dict[str, str]:
    spacing, often = protocol.spacing, most_a_week(protocol.spacing)
    checks = {
        "per_week": (
            (phase.per_week > 0) == bool(phase.every_days),
            "must be above zero, or zero with choices in every_days",
        ),
        "per_week_choices": (
            phase.per_week > 0 and phase.per_week not in phase.per_week_choices,
            f"must hold per_week, {phase.per_week}",
        ),
        "weeks": (
            0 < phase.per_week * (phase.weeks or 0) < (phase.sessions or 0),
            f"are too few for {phase.sessions} sessions, {phase.per_week} a week",
        ),
        "every_days": (
            any(days < spacing.min_gap_days for days in phase.every_days),
            f"must not be less than the least gap, {spacing.min_gap_days}",
        ),
        "max_gap_days": (
            phase.max_gap_days < max((spacing.min_gap_days, *phase.every_days[:1])),
            "must not be less than the least gap or the first of every_days",
        ),
        "as_needed": (
            phase.as_needed and phase.per_week > 0,
            "may be true only where every_days rules",
        ),
        "sessions": (
            phase.sessions is None and phase is not protocol.phases[-1],
            "may be open only in the last phase",
        ),
    }
    found = {field: wrong for field, (holds, wrong) in checks.items() if holds}
    if max((phase.per_week, *phase.per_week_choices)) > often:
        found["per_week"] = f"and its choices must not be above {often}, which is all the spacing leaves room for"
    return found


def _preceding(rule: Preceding) -> str | None:
    """Each needs a day of its own before the first dose."""
    least = rule.until_days + rule.sessions - 1
    if rule.sessions == 0 or rule.from_days >= least:
        return None
    return f"must not be less than {least}, so that each of {rule.sessions} has a day"


def _visit(visit: Visit) -> str | None:
    """Nobody is needed before the arrival or, for certain, after the planned end."""
    early = any(need.from_minutes < -visit.arrive_minutes for need in visit.needs)
    late = any(need.until_minutes is not None and need.until_minutes > visit.minutes for need in visit.needs)
    empty = any(need.until_minutes is None and need.from_minutes >= visit.minutes for need in visit.needs)
    return f"must lie between arrival and the end, {visit.minutes} minutes" if early or late or empty else None


def _spacing(protocol: Protocol) -> dict[str, str]:
    spacing = protocol.spacing
    if spacing.max_in_course_week <= spacing.max_in_seven_days:
        return {}
    return {"spacing.max_in_course_week": f"must not be above max_in_seven_days, {spacing.max_in_seven_days}"}


def _preparation(protocol: Protocol) -> dict[str, str]:
    """A stricter clock must not begin after a milder one that is in use."""
    rules = protocol.preparation
    found: dict[str, str] = {}
    if rules.light_meal_h > rules.solids_h > 0:
        found["preparation.light_meal_h"] = f"must not be above solids_h, {rules.solids_h:g}"
    if rules.clear_liquid_h > rules.any_liquid_h > 0:
        found["preparation.clear_liquid_h"] = f"must not be above any_liquid_h, {rules.any_liquid_h:g}"
    return found


def _integration(protocol: Protocol) -> dict[str, str]:
    rule = protocol.integration
    if rule.after_each == 0 or rule.window_from_h < rule.window_until_h:
        return {}
    return {"integration.window_until_h": f"must be above window_from_h, {rule.window_from_h:g}"}
