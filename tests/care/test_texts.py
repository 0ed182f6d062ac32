"""Are the texts plain, private, exact about time, and one natural message whatever is said together?"""

import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.facts import Part
from care.kinds import KINDS
from care.words.lint import errors, lint
from care.words.segments import GSM_7, segments
from care.words.texts import LANGUAGES, Piece, compose, say
from care.words.texts.english import ENGLISH
from care.words.texts.spanish import SPANISH
from tests.care.wording import (
    ALCOHOL,
    CLINIC,
    DOSE,
    FOUR_CLOCKS,
    LINKS,
    LONGER,
    LOS_ANGELES,
    MIDNIGHT,
    NAMES,
    NEW_YORK,
    PREPARED,
    SAMPLES,
    SHORT_THIRST,
    SINGLES,
    SUPPORT,
    TIMES,
    Sample,
    alone,
    at,
    line,
    listing,
)

SNAPSHOT = Path(__file__).with_name("texts_snapshot.txt")
EVENING, ATTENDANCE, TWO_PEOPLE = (
    next(sample for sample in SAMPLES if sample.title.startswith(title))
    for title in ("the evening", "attendance and ride", "a phone of two")
)


def by_title(sample: Sample) -> str:
    return sample.title


# Every kind, and how it reads


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "part"), [(kind.name, part) for kind in KINDS.values() for part in sorted(kind.to)], ids=str
)
def test_every_kind_has_a_text_for_everyone_who_hears_it(kind: str, part: Part, language: str) -> None:
    said = [sample for sample in [*SINGLES, *LONGER] if sample.pieces[0][:2] == (kind, part)]
    assert said
    assert all(len(sample.body(language)) > len("Harborview12: ") + 10 for sample in said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", SAMPLES, ids=by_title)
def test_every_text_passes_the_lint(sample: Sample, language: str) -> None:
    findings = lint(
        sample.body(language),
        language=language,
        allow_opt_out=sample.rest.get("first", False),
        crisis=sample.title.startswith("crisis_text"),
        names=["Ana Lopez", "Sam Rivera"],
    )
    assert errors(findings) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", SAMPLES, ids=by_title)
def test_every_text_reads_as_sentences(sample: Sample, language: str) -> None:
    body = sample.body(language)
    assert body.startswith("Harborview12: ")
    assert body.count("Harborview12") == 1
    assert body.endswith((".", "?", LINKS["invite"]))
    assert not any(wrong in body for wrong in ("{", "}", "None", "  ", "..", " .", " ,", ";.", "\u202f", "\u00a0"))


@pytest.mark.parametrize("sample", SINGLES, ids=by_title)
def test_an_english_text_about_one_thing_fits_one_segment(sample: Sample) -> None:
    cost = segments(sample.body("en"))
    assert (cost.encoding, cost.count) == (GSM_7, 1)


@pytest.mark.parametrize("sample", SINGLES, ids=by_title)
def test_a_spanish_text_about_one_thing_on_a_weekday_needs_no_costly_letters(sample: Sample) -> None:
    fills = str(sample.pieces[0][2])
    if at(13, 17) not in fills:  # a Saturday is a "sábado"
        assert segments(sample.body("es")).encoding == GSM_7


def test_the_texts_are_those_that_were_read_through() -> None:
    assert listing() == SNAPSHOT.read_text()


def test_both_languages_say_the_same_things_with_the_same_facts() -> None:
    assert _bare(ENGLISH) == _bare(SPANISH)
    for key in ENGLISH.keys() & SPANISH.keys():
        assert _facts_in(ENGLISH[key]) == _facts_in(SPANISH[key]), key


def _bare(words: dict[str, str]) -> set[str]:
    """Keys without those that only word something differently for support persons."""
    return {key.removesuffix(".support") for key in words}


def _facts_in(phrase: str) -> set[str]:
    return {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(phrase) if name} - {"visits"}


# Times


def test_a_time_is_said_with_weekday_and_date_in_the_readers_zone() -> None:
    moment = datetime(2027, 3, 9, 15, tzinfo=UTC)
    assert say(moment, NEW_YORK, "en") == "Tue, Mar 9 at 10:00 AM"
    assert say(moment, NEW_YORK, "es-MX") == "martes 9 de marzo a las 10:00 a.m."
    assert say(datetime(2027, 3, 9, 18, tzinfo=UTC), NEW_YORK, "es") == "martes 9 de marzo a la 1:00 p.m."
    assert say(moment, NEW_YORK, "fr") == "Tue, Mar 9 at 10:00 AM"


def test_the_zone_is_named_only_where_the_clinics_clock_shows_another_time() -> None:
    moment = datetime(2027, 3, 9, 15, tzinfo=UTC)
    assert say(moment, LOS_ANGELES, "en", clinic_zone=NEW_YORK) == "Tue, Mar 9 at 7:00 AM PT"
    assert say(moment, "America/Detroit", "en", clinic_zone=NEW_YORK) == "Tue, Mar 9 at 10:00 AM"
    assert say(moment, "Asia/Kolkata", "en", clinic_zone=NEW_YORK).endswith("8:30 PM Kolkata time")
    assert say(moment, "Asia/Kolkata", "es", clinic_zone=NEW_YORK).endswith("hora de Kolkata")


def test_the_zone_is_named_once_in_a_text() -> None:
    body = ATTENDANCE.body("en", zone=LOS_ANGELES)
    assert body.count("PT") == 1
    assert body.endswith("Times are PT.")
    assert "Tue" not in body
    assert "7:00 AM" in body


def test_midnight_is_the_night_before_to_whoever_is_still_up() -> None:
    """Sunday 2027-03-14 9:00 AM in New York, eight hours after clocks were put forward: fasting starts at midnight."""
    dose = datetime(2027, 3, 14, 13, tzinfo=UTC)
    stop = {"starts_at": dose.isoformat(), "solids_at": (dose - timedelta(hours=8)).isoformat()}
    assert "Please stop eating at 12:00 AM Sunday (Saturday night)." in alone("solids_stop", stop).body("en")
    spanish = alone("solids_stop", stop).body("es")
    assert "deje de comer a las 12:00 a.m. del domingo (sábado por la noche)." in spanish


def test_half_past_one_in_the_morning_is_the_night_before_too() -> None:
    dose = datetime(2027, 5, 4, 11, 30, tzinfo=UTC)
    stops = {"solids_at": dose - timedelta(hours=6), "clear_liquid_at": dose - timedelta(hours=2)}
    fills = {"starts_at": dose.isoformat(), **{name: stop.isoformat() for name, stop in stops.items()}}
    body = alone("solids_stop", fills).body("en")
    assert "Please stop eating at 1:30 AM Tuesday (Monday night), nothing to drink from 5:30 AM Tuesday." in body


def test_a_time_that_clocks_show_twice_says_which_one() -> None:
    early, late = (datetime(2027, 11, 7, hour, 30, tzinfo=UTC) for hour in (5, 6))
    assert say(early, NEW_YORK, "en").endswith("1:30 AM (Saturday night, before the clocks go back)")
    assert say(late, NEW_YORK, "en").endswith("1:30 AM (Saturday night, after the clocks go back)")
    assert say(late, NEW_YORK, "es").endswith("(sábado por la noche, después de que se atrase el reloj)")


@given(st.integers(0, 5_000_000), st.sampled_from(LANGUAGES))
def test_a_time_never_brings_characters_that_double_the_cost(minutes: int, language: str) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    costly = segments(say(moment, NEW_YORK, language, clinic_zone=LOS_ANGELES)).encoding != GSM_7
    assert costly is ("sábado" in say(moment, NEW_YORK, language))


# Several things at once


def test_the_evening_before_reads_as_one_text_with_the_clock_times() -> None:
    assert EVENING.body("en") == (
        "Harborview12: Your visit is Wed, Mar 10 at 10:00 AM; please arrive by 9:45 AM. No alcohol from 10:00 AM Tuesday until "
        "12:00 noon Thursday. Please stop eating at 12:00 AM Wednesday (Tuesday night), nothing to drink from 9:30 AM Wednesday. "
        "Medicines: as your clinician told you. Running late? Call 555-0100."
    )


def test_attendance_and_ride_are_one_question() -> None:
    body = ATTENDANCE.body("en")
    assert "Can you make it and do you have a ride home on Wed, Mar 10? Reply 1 all yes, 2 problem, 3 call me." in body
    assert body.count("?") == 1


def test_the_order_of_the_pieces_does_not_matter() -> None:
    for sample in SAMPLES:
        turned = Sample(sample.title, sample.pieces[::-1], sample.rest)
        assert turned.body("en") == sample.body("en")


def test_on_a_shared_phone_it_is_said_for_whom() -> None:
    body = TWO_PEOPLE.body("en")
    assert body.startswith("Harborview12: For you: Your visit is Wed")
    assert "\nFor your support person: Ana's visit is booked" in body


def test_two_visits_in_one_text_are_told_in_order_and_asked_once() -> None:
    later = {"starts_at": at(12, 15), "arrive_at": at(12, 14, 45), "session_kind": "integration"}
    both = Sample("", (("session_confirm", Part.PATIENT, later), ("session_confirm", Part.PATIENT, TIMES)))
    body = both.body("en")
    assert body.index("Your visit is Wed") < body.index("Your follow-up visit is Fri")
    assert body.count("Reply 1 all yes") == 1


# What is said


def test_where_no_light_meal_is_allowed_one_food_time_is_said() -> None:
    body = alone("solids_stop", {"starts_at": DOSE, **MIDNIGHT}).body("en")
    assert body.count("eating") == 1
    assert "light" not in body


def test_four_clocks_are_said_in_order_of_time() -> None:
    body = alone("prep_bundle", {"starts_at": DOSE, **FOUR_CLOCKS, "ride": False}).body("en")
    assert "Eat only light food from 2:00 AM Wednesday (Tuesday night), stop eating at 4:00 AM, only water" in body
    assert "clear drinks from 6:00 AM, nothing to drink from 8:00 AM Wednesday." in body


def test_where_water_stops_with_other_drinks_there_is_nothing_to_drink() -> None:
    body = alone("liquids_stop", {"starts_at": DOSE, **SHORT_THIRST}).body("en")
    assert "Nothing to drink from 9:30 AM Wednesday." in body
    assert "water" not in body


def test_nobody_is_told_to_leave_a_medicine() -> None:
    for sample in SAMPLES:
        for sentence in sample.body("en").split(". "):
            assert "edicine" not in sentence or sentence.startswith("Medicines: as your clinician told you")


def test_a_long_alcohol_window_is_said_with_dates() -> None:
    long = {"from": at(9, 15), "until": at(17, 15)}
    body = Sample("", (("alcohol_window", Part.PATIENT, long), ("arrival", Part.PATIENT, TIMES))).body("en")
    assert "from Tue, Mar 9 at 10:00 AM until Wed, Mar 17 at 11:00 AM" in body


def test_after_a_visit_each_rule_ends_on_a_named_day() -> None:
    body = alone("post_rules", {"driving_until": at(11, 13), "alcohol_until": at(19, 16)}).body("en")
    assert "no driving until 8:00 AM Thursday, no alcohol until Fri, Mar 19 at 12:00 noon." in body


def test_rules_without_an_alcohol_window_speak_of_driving_alone() -> None:
    assert "alcohol" not in alone("post_rules", {"driving_until": at(11, 13)}).body("en")


def test_a_notice_offers_digits_exactly_when_it_asks() -> None:
    moved = {"lines": [line("moved", DOSE, at(11, 15))]}
    assert "Reply 1" in alone("change_notice", {**moved, "ask": True}).body("en")
    assert "Reply" not in alone("change_notice", {**moved, "ask": False}).body("en")


def test_a_session_at_home_has_no_arrival_of_its_own() -> None:
    home = {"starts_at": DOSE, "arrive_at": DOSE, "session_kind": "dosing"}
    assert "arrive" not in alone("session_confirm", home).body("en")


def test_support_texts_name_the_patient_by_first_name_or_not_at_all() -> None:
    for sample in (sample for sample in SINGLES if sample.pieces[0][1] is SUPPORT):
        nameless = sample.body("en", names={"code": "123456"})
        assert "Ana" not in nameless
        assert "'s visit" not in nameless.replace("someone's", "")
        assert " 's" not in nameless


def test_only_the_first_text_says_how_to_end_texts() -> None:
    for sample in SAMPLES:
        for language in LANGUAGES:
            assert ("STOP" in sample.body(language)) is sample.rest.get("first", False)


def test_help_and_crisis_texts_name_emergency_numbers() -> None:
    for kind in ("help_text", "crisis_text"):
        for language in LANGUAGES:
            body = alone(kind, {}).body(language)
            assert all(number in body for number in ("911", "988", CLINIC.phone))


def test_a_clinics_own_crisis_text_is_used_where_it_has_one() -> None:
    body = alone("crisis_text", {}).body("en", names={"crisis_text": "Call 911 or our night line, 555-0199."})
    assert body == "Harborview12: Call 911 or our night line, 555-0199."


def test_without_a_link_the_follow_up_visit_is_found_by_a_call() -> None:
    fills = {"window_from": at(11, 17), "window_until": at(13, 17)}
    body = alone("integration_book", fills).body("en", links={})
    assert "http" not in body
    assert "Reply 3" in body


def test_a_typographic_name_does_not_double_the_cost() -> None:
    body = alone("booked_notice", {"lines": [line("booked", None, DOSE)]}, part=SUPPORT).body(
        "en", names={"patient": "D\u2019Arcy"}
    )
    assert "D'Arcy's visit" in body
    assert segments(body).encoding == GSM_7


def test_a_kind_without_a_text_is_refused() -> None:
    with pytest.raises(KeyError, match="pickup_soon"):
        compose([Piece("pickup_soon", Part.PATIENT, 0, {})], clinic=CLINIC, zone=NEW_YORK, language="en")
    with pytest.raises(ValueError, match="at least one"):
        compose([], clinic=CLINIC, zone=NEW_YORK, language="en")


PIECES = [piece for sample in SINGLES for piece in sample.pieces]


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=5),
    st.sampled_from(LANGUAGES),
    st.sampled_from([NEW_YORK, LOS_ANGELES, "Pacific/Kiritimati", "Europe/London"]),
    st.booleans(),
)
def test_whatever_is_said_together_is_lawful_and_whole(
    pieces: list[tuple[str, Part, dict[str, object]]], language: str, zone: str, shared: bool
) -> None:
    body = Sample("", tuple(pieces), {"shared": shared, "zone": zone}).body(language)
    assert errors(lint(body, language=language)) == []
    assert not any(wrong in body for wrong in ("{", "None", "  ", ".."))


def said(*pieces: Piece, language: str = "en", **rest: object) -> str:
    given = {"clinic": CLINIC, "zone": NEW_YORK, "names": NAMES, "links": LINKS} | rest
    return compose(pieces, language=language, **given)  # type: ignore[arg-type]


def test_nobody_who_is_treated_at_home_is_told_to_arrive() -> None:
    fills = {**TIMES, "home": True}
    body = said(Piece("session_confirm", Part.PATIENT, 0, fills))
    assert "Your visit at home starts Wed, Mar 10 at 10:00 AM; be ready with your support person from 9:45 AM." in body
    assert "please be with Ana by 9:45 AM" in said(Piece("support_confirm", Part.SUPPORT, 0, fills))
    assert "arrive" not in body


def test_the_support_person_hears_for_whom_the_rules_are() -> None:
    fills = {"driving_until": at(11, 13), "alcohol_until": at(11, 17)}
    body = said(Piece("post_rules", Part.SUPPORT, 0, fills))
    assert "Ana should not drive until 8:00 AM Thursday, or drink alcohol until 12:00 noon Thursday." in body
    spanish = said(Piece("post_rules", Part.SUPPORT, 0, fills), language="es")
    assert "Ana no debe manejar hasta las 8:00 a.m. del jueves ni tomar alcohol hasta las 12:00 de la tarde" in spanish


def test_noon_cannot_be_misread_as_midnight() -> None:
    lead = Piece("arrival", Part.PATIENT, 0, {"starts_at": at(10, 17), "arrive_at": at(10, 16, 45)})
    assert "Wed, Mar 10 at 12:00 noon" in said(lead)
    assert "a las 12:00 de la tarde" in said(lead, language="es")


def test_every_spanish_text_names_the_same_way_to_the_crisis_line() -> None:
    bodies = [said(Piece(kind, Part.PATIENT, 0, {}), language="es") for kind in ("crisis_text", "help_text")]
    bodies.append(said(Piece("thanks_answer", Part.PATIENT, 0, {}), language="es", first=True))
    assert all("llame al 988 y oprima 2" in body for body in bodies)


def test_a_follow_up_that_was_just_booked_is_said_once() -> None:
    booked = Piece("booked_notice", Part.PATIENT, 0, {"lines": [line("booked", None, at(12, 15), "integration")]})
    remind = Piece("integration_remind", Part.PATIENT, 0, {"starts_at": at(12, 15)})
    assert said(booked, remind) == said(booked)
    assert "Your follow-up visit is" in said(
        booked, Piece("integration_remind", Part.PATIENT, 0, {"starts_at": at(13, 15)})
    )


def test_a_window_that_has_begun_is_told_from_now_on() -> None:
    late = datetime(2027, 3, 9, 20, tzinfo=UTC)
    window = Piece("alcohol_window", Part.PATIENT, 0, {**ALCOHOL, "starts_at": DOSE})
    assert "No alcohol now, until Thu, Mar 11 at 12:00 noon." in said(window, now=late)
    assert "Tue, Mar 9" in said(window)
    prepared = said(Piece("prep_bundle", Part.PATIENT, 0, PREPARED), now=late)
    assert "No alcohol from now on." in prepared
    assert "Tuesday" not in prepared


def test_a_window_stands_only_beside_its_own_first_visit() -> None:
    window = Piece("alcohol_window", Part.PATIENT, 0, {**ALCOHOL, "starts_at": DOSE})
    other = Piece("arrival", Part.PATIENT, 0, {"starts_at": at(12, 15), "arrive_at": at(12, 14, 45)})
    body = said(window, other)
    assert body.index("no alcohol") < body.index("Your visit is Fri")
