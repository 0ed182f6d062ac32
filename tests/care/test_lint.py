"""Does nothing private, and no word that networks act on, get into a text?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.words.lint import Finding, Severity, errors, lint

PRIVATE = [
    "Your ketamine visit is Tuesday",
    "Su visita de ketamina es el martes",
    "Esketamine at 10",
    "SPRAVATO on Tuesday",
    "Your infusion is at 10",
    "Su infusión es a las 10",
    "Your dose is at 10",
    "La dosis es a las 10",
    "Please hold your Xanax",
    "No tome sus benzodiazepinas",
    "Depression clinic: see you",
    "Para su depresión",
    "About your anxiety",
    "su ansiedad",
    "your bipolar disorder",
    "Dept. of Psychiatry",
    "Psiquiatría: su visita",
    "your therapist is ready",
    "su terapeuta le espera",
    "Mental health visit",
    "salud mental",
    "Fill in your PHQ-9",
    "C-SSRS form",
    "an anti-depressant",
    "thoughts of suicide",
    "ideas suicidas",
    "if you want to hurt yourself",
    "hacerse daño",
    "self-harm",
    "DOB on file",
    "You were born in May",
    "Fecha de nacimiento: falta",
    "Ana 03/04/1980",
    "Ana 1980-03-04",
    "We monitor your texts",
    "Monitoreamos sus mensajes",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_private_words_are_refused_in_either_language(text: str) -> None:
    assert errors(lint(text, language="en"))
    assert errors(lint(text, language="es"))
    assert errors(lint(text.upper(), language="en"))


INSTRUCTIONS = [
    "Reply CANCEL to cancel",
    "reply cancel",
    "Text STOP to end",
    "text 'quit' to us",
    "Reply YES to confirm",
    "please answer with yes",
    "Reply END",
    "Type UNSUBSCRIBE",
    "Responda BAJA",
    "envíe la palabra alto",
    "Responda con CANCELAR",
    "opt-out: reply OPTOUT",
]


@pytest.mark.parametrize("text", INSTRUCTIONS)
def test_opt_out_words_are_refused_as_instructions(text: str) -> None:
    assert errors(lint(text, language="en"))
    assert not errors(lint(text, language="en", allow_opt_out=True))


HARMLESS = [
    "Please stop eating at 12:00 AM Tuesday (Monday night).",
    "Your visit on Tue, Mar 9 at 10:00 AM is cancelled.",
    "Reply 1 yes, 2 problem, 3 call me.",
    "Su visita queda cancelada. Responda 1 para confirmar.",
    "The visit may end at noon. Text us to start over.",
    "Call 555-0100 or 1-800-555-0119.",
    "Ignacio and Gad are here; Remsen has a manicure.",
    "https://steady.example/go/lsd-dose_PHQ9aBcDeFgHi",
    "In a crisis call or text 988.",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_alike_is_let_through(text: str) -> None:
    assert errors(lint(text, language="en")) == []


def test_an_address_that_gives_the_specialty_away_is_refused() -> None:
    assert errors(lint("https://ketamine-clinic.example/go/abc", language="en"))


def test_a_full_name_is_refused_and_a_first_name_is_not() -> None:
    names = ["Ana Lucía Pérez", "Sam Rivera"]
    assert errors(lint("Ana's visit is Tuesday.", language="en", names=names)) == []
    assert lint("ANA LUCIA PEREZ, Tuesday", language="en", names=names)[0].why == "is a full name"
    assert errors(lint("For Sam  Rivera", language="en", names=names))


def test_a_crisis_text_may_say_what_it_is_about() -> None:
    text = "If you think of suicide, call 988 now."
    assert errors(lint(text, language="en"))
    assert errors(lint(text, language="en", crisis=True)) == []


def test_length_and_cost_are_warnings() -> None:
    long = lint("a" * 161, language="en")
    assert long == [Finding(Severity.WARNING, "2 segments", "costs as many texts")]
    accented = lint("sábado", language="es")
    assert accented == [Finding(Severity.WARNING, "á", "makes every segment less than half as long")]
    assert lint("a" * 161, language="es") == []


def test_what_no_provider_takes_is_an_error() -> None:
    assert errors(lint("a" * 1601, language="en"))


def test_link_shorteners_are_warned_of() -> None:
    (finding,) = lint("See bit.ly/abc", language="en")
    assert finding.severity is Severity.WARNING


@given(st.text(max_size=300))
def test_no_text_breaks_the_lint(text: str) -> None:
    assert isinstance(lint(text, language="es", names=[text]), list)
