"""Does a course send exactly what its dry run lists? Lived through with the real sender, on both databases."""

import itertools
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import current_app

from actions.courses.rehearse import dry_run_course
from actions.facts import clinic_facts
from care.facts import Caps
from care.kinds import Load
from care.protocols import shipped
from care.times import local_date
from models import Contact, Course, Message, Outcome, Reminder, Session, db
from tests.databases import POSTGRESQL, SQLITE
from tests.living import Life, Text, plain_link, reasons_raised, texts_sent
from tests.people import NOW, Harbor, harbor

WEEK = timedelta(days=7)
AFTERWARDS = timedelta(days=4)  # until the last integration session of the induction is over
LOOKS = {"doses_review", "phase_review"}  # what the protocol itself asks a clinician for
# Each protocol on one database or the other, so that all are lived through and the run stays short.
LIVED = (
    {SQLITE: "spravato_trd", POSTGRESQL: "spravato_mdsi"},
    {SQLITE: "im_sc_clinic", POSTGRESQL: "iv_6"},
    {SQLITE: "home_seed_2_3w", POSTGRESQL: "home_sl_weekly"},
    {SQLITE: "home_kap_2w", POSTGRESQL: "home_seed_2_3w"},
)
ASKED_OR_ADVISED = (Load.QUESTION, Load.ADVISORY)


@pytest.fixture
def clinic(app: object) -> Harbor:
    return harbor()


def test_every_shipped_protocol_is_lived_through() -> None:
    assert {name for pair in LIVED for name in pair.values()} == set(shipped())


@pytest.mark.parametrize("pair", LIVED, ids=lambda pair: "-".join(pair.values()))
def test_an_induction_sends_exactly_what_its_dry_run_lists_within_its_caps(
    clinic: Harbor, database_kind: str, pair: dict[str, str]
) -> None:
    course = clinic.enrol_ada(pair[database_kind])
    until = end_of_induction(clinic.book_all(course))
    expected = rehearsed(course, until)
    db.session.commit()
    Life(clinic, course, NOW).live(until)
    assert texts_sent() == expected
    assert {code for _, code in reasons_raised()} <= LOOKS
    assert_within_caps(clinic_facts(clinic.clinic).caps, clinic.clinic.zone)


def end_of_induction(doses: list[Session]) -> datetime:
    ends = [dose.ends_at for dose in doses if dose.ends_at and dose.phase == doses[0].phase]
    return max(ends) + AFTERWARDS


def rehearsed(course: Course, until: datetime) -> list[Text]:
    """What the dry run says right after booking, as it would be seen on the phones."""
    numbers = {contact.id: contact.number for contact in db.session.scalars(db.select(Contact))}
    texts = dry_run_course(course, base_url=current_app.config["PUBLIC_BASE_URL"], now=NOW).rehearsal.texts
    return sorted(Text(text.at, numbers[text.contact_id], plain_link(text.body)) for text in texts if text.at <= until)


def assert_within_caps(caps: Caps, zone: str) -> None:
    """In no week too much is asked or advised, advice is never beyond a day's cap, and nothing went unsaid for it."""
    for sent in _sent_by_contact().values():
        asked = [at for at, load in sent if load in ASKED_OR_ADVISED]
        assert all(sum(at - WEEK < each <= at for each in asked) <= caps.per_week_induction for at in asked)
        for _, day in itertools.groupby(sent, lambda each: local_date(each[0], zone)):
            assert Load.ADVISORY not in [load for _, load in day][caps.per_day :]
    unsaid = db.select(Reminder.kind, Reminder.reason).where(Reminder.outcome == Outcome.SUPPRESSED)
    assert db.session.execute(unsaid).all() == []


def _sent_by_contact() -> dict[UUID, list[tuple[Any, ...]]]:
    found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    rows = db.select(Message).where(Message.sent_at.is_not(None)).order_by(Message.sent_at, Message.id)
    for message in db.session.scalars(rows):
        found[message.contact_id].append((message.sent_at, message.load))
    return found
