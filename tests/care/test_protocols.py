"""Protocols as data: every number has a source, and everything wrong is named at once."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.facts import SessionKind
from care.protocol import Advance, BloodPressure, DoseGate, Driving, Gate, MissedPolicy, Preceding, Setting
from care.protocols import ProtocolError, as_json, from_json, load, parse, resolve, shipped
from care.protocols.fields import FIELDS

ROOT = Path(__file__).parents[2]
NAMES = (
    "home_kap_2w", "home_seed_2_3w", "home_sl_weekly", "im_sc_clinic", "iv_6", "spravato_mdsi", "spravato_trd",
)  # fmt: skip
PRIVATE = ("ketamin", "esketamin", "spravato", "depress", "psychiat", "trd", "infusion", "nasal", "mental")


def wrong_fields(document) -> dict[str, str]:
    with pytest.raises(ProtocolError) as error:
        from_json(document)
    return error.value.fields


def document(name: str = "iv_6"):
    return json.loads(json.dumps(as_json(load(name))))


def test_the_shipped_ones_are_found_by_name():
    assert tuple(shipped()) == NAMES
    with pytest.raises(KeyError):
        load("nothing")


@pytest.mark.parametrize("name", NAMES)
def test_a_protocol_survives_the_way_through_json(name):
    assert from_json(document(name)) == load(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_phases_keep_their_order_in_a_database_that_sorts_keys(name):
    assert from_json(json.loads(json.dumps(as_json(load(name)), sort_keys=True))) == load(name)
    wrong = wrong_fields({**document(name), "phase_order": ["induction", "nowhere"]})
    assert set(wrong) == {"phase_order"}


@pytest.mark.parametrize("name", NAMES)
def test_every_source_is_a_reference_with_an_address_or_a_clinic_default(name):
    addresses = (ROOT / "docs" / "sources.md").read_text("utf-8")
    for path, source in load(name).sources.items():
        references = re.findall(r"\[(S\d+)\]", source)
        assert references or source == "clinic default", path
        assert all(f"[{reference}] http" in addresses for reference in references), path


@pytest.mark.parametrize("name", NAMES)
def test_what_a_coordinator_reads_names_nothing_private(name):
    title = load(name).title
    assert set(title) == {"en", "es"}
    assert not [word for word in PRIVATE for words in title.values() if word in words.lower()]


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_session_has_its_visit(name):
    visits = load(name).visits
    assert set(visits) == set(SessionKind)
    assert visits["dosing"].minutes == load(name).dose_block_minutes + load(name).observation_minutes


def test_the_label_course_is_as_its_label_says():
    protocol = load("spravato_trd")
    assert [(phase.name, phase.sessions, phase.per_week, phase.weeks) for phase in protocol.phases] == [
        ("induction", 8, 2, 4), ("weekly", 4, 1, 4), ("maintenance", None, 0, None),
    ]  # fmt: skip
    assert protocol.phases[2].every_days == (7, 14)
    assert protocol.phases[0].missed is MissedPolicy.CONTINUE
    assert (protocol.setting, protocol.observation_minutes, protocol.review_after_doses) == (Setting.CLINIC, 120, (8,))
    assert (protocol.preparation.solids_h, protocol.preparation.any_liquid_h) == (2, 0.5)
    assert (protocol.preparation.nasal_product_h, protocol.form_due_days) == (1, 7)
    assert protocol.transport_gate is Gate.HARD
    assert protocol.dose_gates == (DoseGate.ENROLMENT, DoseGate.AUTHORISATION, DoseGate.MEDICINE_ON_SITE)
    assert (protocol.spacing.min_gap_days, protocol.spacing.max_in_course_week) == (2, 2)


def test_the_infusion_course_is_as_its_table_says():
    protocol = load("iv_6")
    induction = protocol.phases[0]
    assert (induction.sessions, induction.per_week, induction.per_week_choices) == (6, 2, (2, 3))
    assert (induction.missed, induction.append_within_days) == (MissedPolicy.APPEND, 35)
    clocks = protocol.preparation
    assert (clocks.solids_h, clocks.light_meal_h, clocks.any_liquid_h, clocks.clear_liquid_h) == (8, 6, 2, 2)
    assert (protocol.lapse_days, protocol.review_after_doses, protocol.support_gate) == (42, (3, 6), Gate.SOFT)
    chair, clinician, monitor = protocol.visits["dosing"].needs
    assert (chair.kind, chair.from_minutes, chair.until_minutes) == ("chair", -15, None)
    assert (clinician.kind, clinician.from_minutes, clinician.until_minutes) == ("clinician", 0, 60)
    assert (monitor.kind, monitor.from_minutes, monitor.until_minutes) == ("monitor", 0, None)


def test_the_home_course_needs_a_person_and_a_guide_and_no_ride():
    protocol = load("home_seed_2_3w")
    assert (protocol.setting, protocol.support_gate, protocol.transport_gate) == (Setting.HOME, Gate.HARD, None)
    assert [(need.kind, need.until_minutes) for need in protocol.visits["dosing"].needs] == [("guide", None)]
    assert protocol.support_stay_minutes == 240
    assert protocol.blood_pressure == BloodPressure(140, 90, 2, 5)


def test_the_four_weeks_course_ends_where_its_evidence_ends():
    protocol = load("spravato_mdsi")
    (only,) = protocol.phases
    assert (only.sessions, only.per_week, only.weeks, only.missed) == (8, 2, 4, MissedPolicy.CONTINUE)
    assert (only.advance, only.every_days, protocol.review_after_doses) == (Advance.REVIEW, (), (8,))
    assert (protocol.lapse_days, protocol.form_due_days, protocol.transport_gate) == (14, 7, Gate.HARD)
    assert [(one.name, one.every_doses) for one in protocol.measures] == [("cssrs", 1), ("madrs", 0), ("phq9", 0)]


def test_the_injection_course_is_as_its_table_says():
    protocol = load("im_sc_clinic")
    induction, boosters = protocol.phases
    assert (induction.sessions, induction.per_week_choices, induction.missed) == (6, (1, 2), MissedPolicy.APPEND)
    assert (boosters.sessions, boosters.every_days, boosters.missed) == (None, (28, 42, 56, 84), MissedPolicy.SLIDE)
    clocks = protocol.preparation
    assert (clocks.solids_h, clocks.light_meal_h, clocks.any_liquid_h, clocks.clear_liquid_h) == (6, 6, 2, 2)
    assert (induction.max_gap_days, protocol.lapse_days, protocol.review_after_doses) == (14, 84, (6,))
    assert (protocol.observation_minutes, protocol.support_stay_minutes) == (60, 480)
    assert [(need.kind, need.until_minutes) for need in protocol.visits["dosing"].needs] == [
        ("chair", None), ("clinician", 60), ("monitor", None),
    ]  # fmt: skip


def test_the_weekly_home_course_is_renewed_six_at_a_time():
    protocol = load("home_sl_weekly")
    starter, renewal = protocol.phases
    assert (starter.sessions, starter.per_week, starter.weeks, starter.missed) == (6, 1, 6, MissedPolicy.SLIDE)
    assert (renewal.sessions, renewal.every_days, renewal.advance) == (6, (7, 14, 28), Advance.REVIEW)
    assert (protocol.review_after_doses, protocol.review_every_doses) == ((2,), 6)
    assert (protocol.spacing.min_gap_days, protocol.spacing.max_in_course_week, protocol.lapse_days) == (3, 2, 84)
    assert (protocol.observation_check_minutes, protocol.support_gate, protocol.transport_gate) == (15, Gate.HARD, None)
    assert (protocol.integration.after_each, protocol.preceding["consult"]) == (6, Preceding(1, 14, 1))
    assert [(need.kind, need.until_minutes) for need in protocol.visits["dosing"].needs] == [("guide", None)]


def test_the_course_with_a_therapist_has_one_dose_in_two_weeks():
    protocol = load("home_kap_2w")
    course, maintenance = protocol.phases
    assert (course.sessions, course.per_week, course.every_days, course.max_gap_days) == (6, 0, (14,), 28)
    assert maintenance.every_days == (28, 42, 56)
    assert (protocol.spacing.min_gap_days, protocol.spacing.max_in_course_week) == (6, 1)
    assert (protocol.review_after_doses, protocol.integration.after_each) == ((2,), 1)
    assert {kind: rule.sessions for kind, rule in protocol.preceding.items()} == {"consult": 1, "preparation": 1}
    assert protocol.dose_gates == (DoseGate.PRESCRIPTION, DoseGate.THERAPIST)
    assert protocol.driving == Driving(24, 8)


def test_the_course_with_a_therapist_is_given_in_an_office_by_differences():
    needs = [{"kind": "chair", "from": -15, "until": "end"}, {"kind": "monitor", "from": 0, "until": "end"}]
    office = {"setting": "clinic", "transport_gate": "hard", "support_gate": "soft"}
    ours = resolve(load("home_kap_2w"), {**office, "visits": {"dosing": {"needs": needs}}})
    assert (ours.setting, ours.transport_gate, ours.support_gate) == (Setting.CLINIC, Gate.HARD, Gate.SOFT)


@pytest.mark.parametrize("name", NAMES)
def test_somebody_is_there_for_every_part_of_every_session(name):
    protocol = load(name)
    needs = {kind: {need.kind: need.until_minutes for need in visit.needs} for kind, visit in protocol.visits.items()}
    block = protocol.dose_block_minutes
    at_clinic = {"chair": None, "clinician": block, "monitor": None}
    assert needs["dosing"] == (at_clinic if protocol.setting is Setting.CLINIC else {"guide": None})
    assert needs["integration"] == needs["preparation"] == {"therapist": None}
    assert needs["consult"] == needs["review"] == {"clinician": None}


def test_advice_has_words_in_every_language_and_its_source():
    protocol = load("spravato_trd")
    assert "double" in protocol.phases[0].missed_advice["en"]
    assert "doble" in protocol.phases[0].missed_advice["es"]
    assert protocol.sources["phases.induction.missed_advice"] == "L [S12]"
    assert protocol.lapse_advice["en"]
    assert load("iv_6").lapse_advice == {"en": "", "es": ""}


def test_a_clinic_stores_only_its_differences():
    ours = resolve(
        load("iv_6"),
        {
            "version": 2,
            "phases": {"induction": {"per_week": 3}},
            "preparation": {"solids_h": {"value": 6, "source": "C [S59]"}},
            "transport_gate": None,
        },
    )
    assert (ours.version, ours.phases[0].per_week, ours.phases[0].sessions) == (2, 3, 6)
    assert (ours.preparation.solids_h, ours.sources["preparation.solids_h"]) == (6, "C [S59]")
    assert ours.sources["phases.induction.per_week"] == "clinic default"
    assert ours.transport_gate is None
    assert resolve(load("iv_6"), {}) == load("iv_6")


def test_a_clinic_may_add_a_phase():
    phase = as_json(load("spravato_trd"))["phases"]["weekly"]
    ours = resolve(load("spravato_trd"), {"phases": {"maintenance": {"sessions": 6}, "last": phase}})
    assert [phase.name for phase in ours.phases] == ["induction", "weekly", "maintenance", "last"]


def test_a_clinic_may_do_without_a_phase_or_a_measure():
    ours = resolve(load("spravato_trd"), {"phases": {"weekly": None}, "measures": {"madrs": None}})
    assert [phase.name for phase in ours.phases] == ["induction", "maintenance"]
    assert [measure.name for measure in ours.measures] == ["phq9"]


def test_a_bare_value_is_a_clinic_default_in_a_new_measure_too():
    ours = resolve(load("iv_6"), {"measures": {"pcl5": {"every_days": 0, "every_doses": 3, "at_review": True}}})
    assert [measure.name for measure in ours.measures] == ["gad7", "pcl5", "phq9"]
    assert ours.sources["measures.pcl5.every_doses"] == "clinic default"


def test_advice_may_be_given_as_bare_words():
    ours = resolve(load("iv_6"), {"lapse_advice": {"en": "Call first.", "es": "Llame antes."}})
    assert ours.lapse_advice == {"en": "Call first.", "es": "Llame antes."}
    assert ours.sources["lapse_advice"] == "clinic default"


def test_everything_wrong_is_named_at_once():
    bad = document()
    bad["colour"] = {"value": 1, "source": "clinic default"}
    bad["spacing"]["min_gap_days"]["value"] = 0
    bad["preparation"]["solids_h"] = 6
    bad["driving"]["hours"]["source"] = " "
    bad["phases"]["induction"]["per_week"]["value"] = True
    bad["visits"]["party"] = {"minutes": {"value": 5, "source": "clinic default"}}
    bad["setting"]["value"] = "moon"
    bad["visits"]["dosing"]["needs"]["value"][0]["kind"] = "sofa"
    bad["version"] = "1"
    del bad["lapse_days"]
    fields = wrong_fields(bad)
    assert set(fields) == {
        "colour", "spacing.min_gap_days", "preparation.solids_h", "driving.hours", "phases.induction.per_week",
        "visits.party.minutes", "setting", "visits.dosing.needs", "version", "lapse_days",
    }  # fmt: skip
    assert "from 1 to 60" in fields["spacing.min_gap_days"]
    assert fields["lapse_days"] == "is missing"


@pytest.mark.parametrize(
    ("differences", "field"),
    [
        ({"phases": {"induction": {"per_week": 3, "per_week_choices": [2]}}}, "phases.induction.per_week_choices"),
        ({"spacing": {"min_gap_days": 4}}, "phases.induction.per_week"),
        ({"phases": {"induction": {"weeks": 2}}}, "phases.induction.weeks"),
        ({"phases": {"induction": {"sessions": "open"}}}, "phases.induction.sessions"),
        ({"phases": {"boosters": {"every_days": []}}}, "phases.boosters.per_week"),
        ({"phases": {"boosters": {"max_gap_days": 7}}}, "phases.boosters.max_gap_days"),
        ({"spacing": {"max_in_course_week": 4}}, "spacing.max_in_course_week"),
        ({"preparation": {"light_meal_h": 9}}, "preparation.light_meal_h"),
        ({"preparation": {"clear_liquid_h": 3}}, "preparation.clear_liquid_h"),
        ({"integration": {"window_until_h": 24}}, "integration.window_until_h"),
        ({"visits": {"dosing": {"arrive_minutes": 5}}}, "visits.dosing.needs"),
        ({"dose_block_minutes": 5, "observation_minutes": 30}, "visits.dosing.needs"),
        ({"visits": {"dosing": {"minutes": 200}}}, "visits.dosing.minutes"),
        ({"spacing": {"min_gap_days": float("nan")}}, "spacing.min_gap_days"),
        ({"preparation": {"solids_h": float("nan")}}, "preparation.solids_h"),
        ({"title": {"en": "only English"}}, "title"),
        ({"review_after_doses": [3, 3]}, "review_after_doses"),
        ({"review_after_doses": 3}, "review_after_doses"),
        ({"visits": {"review": {"needs": [{"kind": "chair"}]}}}, "visits.review.needs"),
        ({"visits": {"review": {"needs": [{"kind": "chair", "from": 10, "until": 10}]}}}, "visits.review.needs"),
        ({"rideshare": "yes"}, "rideshare"),
        ({"phases": {"induction": {"as_needed": True}}}, "phases.induction.as_needed"),
        ({"phases": {"induction": {"advance": "soon"}}}, "phases.induction.advance"),
        ({"phases": {"boosters": None, "induction": None}}, "phases"),
        ({"visits": {"consult": None}}, "visits.consult"),
        ({"spacing": None}, "spacing"),
        ({"lapse_advice": {"en": "Only English.", "es": ""}}, "lapse_advice"),
        ({"lapse_advice": {"en": "x" * 601, "es": "x"}}, "lapse_advice"),
        ({"lapse_advice": "Call."}, "lapse_advice"),
        ({"preceding": {"consult": {"sessions": 3, "from_days": 2}}}, "preceding.consult.from_days"),
        ({"preceding": {"review": {"sessions": 1}}}, "preceding.review.sessions"),
    ],
)
def test_numbers_that_contradict_each_other_are_named(differences, field):
    with pytest.raises(ProtocolError) as error:
        resolve(load("iv_6"), differences)
    assert field in error.value.fields


def test_what_is_not_a_file_of_ours_is_refused():
    with pytest.raises(ProtocolError, match="not TOML"):
        parse("name = ")
    with pytest.raises(ProtocolError) as error:
        parse("")
    assert {"name", "version", "title", "phases", "setting", "visits.dosing.needs"} <= set(error.value.fields)


junk = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=2)
)


@given(st.sampled_from(sorted(load("iv_6").sources)), junk)
def test_no_value_of_any_field_escapes_the_check(path, value):
    """A junk value is either refused by its field's name or stands in the protocol that comes back."""
    bad = document()
    table = bad
    *tables, leaf = path.split(".")
    for name in tables:
        table = table[name]
    table[leaf]["value"] = value
    answer = answer_to(bad)
    if isinstance(answer, ProtocolError):
        assert answer.fields
        assert set(answer.fields) <= {*load("iv_6").sources, "phases"}
    else:
        assert from_json(as_json(answer)) == answer


def answer_to(document):
    try:
        return from_json(document)
    except ProtocolError as error:
        return error


def test_every_field_is_used_by_a_shipped_protocol():
    used = {path for name in NAMES for path in load(name).sources}
    plain = {field for field in FIELDS if "*" not in field}
    assert plain <= used
