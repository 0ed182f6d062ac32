"""Can a newcomer live through a course on the phones page: texts come, are answered, and the clock moves?"""

import re

import pytest

from models import Answer, ConsentEvent, Message, Reply, SupportPerson, db
from models.clock import care_now
from tests.people import NOW
from tests.web.browsing import Browser


@pytest.fixture
def phones(stranger, course):
    """The phones page of Ada and Sam, and the way back to it."""
    return f"/phones/{course.patient_id}"


def press(browser, phones, by, **more):
    return browser.post(f"{phones}/clock", {"by": by, **more})


def write(browser, phones, contact, body):
    return browser.post(f"{phones}/texts", {"contact": str(contact.id), "body": body})


def supporting(course):
    db.session.expire_all()
    return db.session.scalars(db.select(SupportPerson).where(SupportPerson.course_id == course.id)).one()


def test_the_first_phones_are_shown_and_others_can_be_chosen(stranger, clinic, course):
    page = stranger.open("/phones")
    assert page.path == f"/phones/{course.patient_id}"
    assert "Ada Example Patient · (212) 555-0101" in page.text
    assert "Sam Sample Support person · (212) 555-0102" in page.text
    assert stranger.open(f"/phones/of?patient={course.patient_id}").path == page.path


def test_without_patients_the_page_says_how_to_get_one(stranger):
    assert "No phones yet" in stranger.open("/phones").text


def test_the_clock_moves_to_the_next_text_and_the_text_is_there(stranger, course, phones):
    page = press(stranger, phones, "text")
    assert "Reply 1 yes, 2 no, 3 call me." in page.text
    page = press(stranger, phones, "hour")
    assert "Your visits are booked" in page.text
    assert re.search(r"10:02 AM · \d segments?", page.text)


@pytest.mark.parametrize(
    ("by", "more", "shown"),
    [
        ("hour", {}, "Monday, January 4, 11:00 AM"),
        ("morning", {}, "Tuesday, January 5, 8:00 AM"),
        ("day", {}, "Tuesday, January 5, 10:00 AM"),
        ("date", {"to": "2027-01-06T13:30"}, "Wednesday, January 6, 1:30 PM"),
    ],
)
def test_every_button_of_the_clock_leads_where_it_says(stranger, phones, by, more, shown):
    assert shown in press(stranger, phones, by, **more).text


@pytest.mark.parametrize(("by", "more"), [("date", {"to": "soon"}), ("date", {"to": "2099-01-01T00:00"}), ("back", {})])
def test_the_clock_goes_nowhere_that_makes_no_sense(stranger, phones, by, more):
    page = press(stranger, phones, by, **more)
    assert page.status == 422
    assert (care_now() - NOW).total_seconds() < 600


def test_the_clock_never_goes_back(stranger, phones):
    press(stranger, phones, "date", to="2020-01-01T00:00")
    assert care_now() >= NOW


def test_an_answer_is_heard_understood_and_counts_at_once(stranger, course, phones, clinic):
    press(stranger, phones, "text")
    page = write(stranger, phones, supporting(course).contact, "1")
    assert "1 10:0" in page.text
    assert "understood as yes" in page.text
    assert supporting(course).state == "accepted"


def test_what_nobody_understands_becomes_a_task_with_its_words(stranger, console, course, phones, clinic):
    press(stranger, phones, "text")
    write(stranger, phones, clinic.patient(course).contact, "The purple one, please")
    text = console.open("/console/tasks").text
    assert "could not be understood" in text
    assert "The purple one, please" in text


def test_an_empty_text_or_a_strangers_phone_says_nothing(stranger, course, phones, clinic):
    assert write(stranger, phones, clinic.patient(course).contact, "  ").status == 422
    assert stranger.post(f"{phones}/texts", {"contact": str(course.id), "body": "1"}).status == 404
    assert db.session.scalars(db.select(Reply)).all() == []


def test_links_in_texts_lead_to_their_page(stranger, course, phones):
    page = press(stranger, phones, "text")
    (link,) = [link for link in page.links if link.startswith("/go/")]
    assert "Will you be Ada's support person?" in stranger.open(link).text


def test_what_is_texted_never_becomes_markup(stranger, course, phones, clinic):
    page = write(stranger, phones, clinic.patient(course).contact, '<b id=evil>1</b> http://x.example/"onclick=1')
    assert "evil" not in page.ids
    assert page.inline == []


# One question behind a link


@pytest.fixture
def invitation(stranger, course, phones):
    """The link in Sam's invitation."""
    page = press(stranger, phones, "text")
    return next(link for link in page.links if link.startswith("/go/"))


def test_looking_at_a_link_changes_nothing(stranger, course, invitation):
    for _ in range(3):
        assert stranger.open(invitation).status == 200
        stranger.client.head(invitation)
    assert supporting(course).state == "named"
    assert db.session.scalars(db.select(Answer)).all() == []


def test_a_support_person_says_yes_by_link(stranger, course, invitation):
    page = stranger.post(invitation, {"value": "yes"})
    assert "Ada can count on you." in page.text
    assert supporting(course).state == "accepted"
    events = db.session.scalars(db.select(ConsentEvent).where(ConsentEvent.source == "link")).all()
    assert len(events) == 1


def test_a_support_person_says_no_by_link_and_that_is_fine(stranger, course, invitation):
    assert "Thank you for telling us" in stranger.post(invitation, {"value": "no"}).text
    assert supporting(course).state == "declined"


def test_an_answered_link_says_so_and_takes_no_second_answer(stranger, course, invitation):
    stranger.post(invitation, {"value": "yes"})
    assert "Thank you" in stranger.open(invitation).text
    assert "Ada can count on you." in stranger.post(invitation, {"value": "no"}).text
    assert supporting(course).state == "accepted"


def test_an_answer_that_is_none_asks_again(stranger, course, invitation):
    page = stranger.post(invitation, {"value": "urgent"})
    assert page.status == 422
    assert "Please choose one of the answers first." in page.text
    assert stranger.post(invitation, {}).status == 422
    assert supporting(course).state == "named"


def test_an_expired_link_says_so_and_whom_to_call(stranger, course, invitation, at):
    link = db.session.scalars(db.select(SupportPerson)).one()
    assert link.state == "named"
    at(care_now().replace(year=2028))
    page = stranger.open(invitation)
    assert "This link has expired" in page.text
    assert "212-555-0100" in page.text
    stranger.post(invitation, {"value": "yes"})
    assert supporting(course).state == "named"


def test_a_link_that_never_was_leads_nowhere(stranger):
    assert stranger.open("/go/made-up").status == 404
    assert stranger.post("/go/made-up", {"value": "yes"}).status == 404


def test_a_spanish_reader_is_asked_in_spanish(stranger, course, phones, invitation):
    supporting(course).contact.language = "es"
    db.session.commit()
    page = stranger.open(invitation)
    assert page.language == "es"
    assert "¿Será usted la persona de apoyo de Ada?" in page.text
    assert "Gracias" in stranger.post(invitation, {"value": "yes"}).text


@pytest.fixture
def follow_up(stranger, practice, clinic, course, phones, at):
    """The link in Ada's text after her first dose, by which she chooses her integration time."""
    first = clinic.session(course)
    at(first.starts_at)
    page = practice.send(practice.open(f"/console/sessions/{first.id}"), "/arrive")
    for step in ("transport", "ride_today"):
        page = practice.send(page, f"/steps/{step}", value="yes")
    page = practice.send(page, "/dose")
    at(first.ends_at)
    practice.send(page, "/discharge")
    page = press(stranger, phones, "day")
    return next(link for link in page.links if link.startswith("/go/"))


def test_a_patient_chooses_an_integration_time_by_link(stranger, clinic, course, follow_up):
    page = stranger.open(follow_up)
    assert "Choose a time for your follow-up visit" in page.text
    chosen = [control["value"] for control in page.controls if control.get("name") == "slot"]
    done = stranger.post(follow_up, {"slot": chosen[0]})
    assert "Your time is set" in done.text
    session = clinic.session(course, 1, "integration")
    db.session.refresh(session)
    assert session.status == "booked"
    assert "Your time is set" in stranger.post(follow_up, {"slot": chosen[1]}).text


def test_a_time_that_cannot_be_had_is_refused_in_words_and_nothing_is_booked(stranger, clinic, course, follow_up):
    assert "Please choose one of the answers first." in stranger.post(follow_up, {}).text
    page = stranger.post(follow_up, {"slot": "AAAA"})
    assert page.status == 409
    assert "That did not work" in page.text
    session = clinic.session(course, 1, "integration")
    db.session.refresh(session)
    assert session.status == "planned"


def test_a_follow_up_that_was_called_off_is_no_longer_asked(stranger, clinic, course, follow_up):
    session = clinic.session(course, 1, "integration")
    session.status, session.cause = "cancelled", "clinic"
    db.session.commit()
    assert "This is no longer needed" in stranger.open(follow_up).text


def test_no_private_word_stands_on_a_page_that_a_link_opens(stranger, course, invitation, follow_up):
    for link in (invitation, follow_up):
        words = stranger.open(link).text.lower()
        assert not [
            word for word in ("dose", "dosing", "ketamine", "treatment", "integration", "example") if word in words
        ]
    assert Browser(stranger.client).open("/").status == 200
    assert db.session.scalars(db.select(Message)).first() is not None
