"""Do identifiers, instants and keys behave alike on both databases?"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from models import Contact, Patient, db
from models.columns import uuid7
from models.database import name_clinic
from tests.people import harbor


def test_identifiers_are_version_seven_and_in_order_of_time() -> None:
    made = [uuid7() for _ in range(200)]
    assert all((each.version, each.variant) == (7, "specified in RFC 4122") for each in made)
    assert [each.int >> 80 for each in made] == sorted(each.int >> 80 for each in made)
    assert len(set(made)) == 200


def test_an_instant_comes_back_as_the_same_instant_in_utc(app: Any) -> None:
    clinic = harbor().clinic
    somewhere = datetime(2027, 3, 14, 9, tzinfo=timezone(timedelta(hours=-8)))
    contact = _contact(clinic.id, consented_at=somewhere)
    db.session.commit()
    db.session.expire_all()
    assert contact.consented_at == somewhere
    assert contact.consented_at is not None
    assert contact.consented_at.tzinfo is UTC
    assert db.session.query(Contact).filter(Contact.consented_at == somewhere).count() == 1


def test_a_naive_time_is_refused(app: Any) -> None:
    clinic = harbor().clinic
    _contact(clinic.id, consented_at=datetime(2027, 3, 14, 9))  # noqa: DTZ001  naive on purpose
    with pytest.raises(StatementError):
        db.session.flush()


def test_a_key_cannot_point_into_another_clinic(app: Any) -> None:
    here, there = harbor().clinic, harbor("Elsewhere").clinic
    contact = _contact(there.id)
    db.session.flush()
    db.session.add(Patient(clinic_id=here.id, name="Zed", contact_id=contact.id, change_no=0, stale=False))
    with pytest.raises(IntegrityError):
        db.session.commit()


def test_a_transaction_tells_postgresql_its_clinic(app: Any, database: Any) -> None:
    if database.kind != "postgresql":
        return
    clinic_id = harbor().clinic.id
    db.session.commit()
    name_clinic(clinic_id)
    told = text("SELECT nullif(current_setting('app.clinic', true), '')")
    assert db.session.scalar(told) == str(clinic_id)
    db.session.commit()
    assert db.session.scalar(told) == str(clinic_id), "the next transaction of the session is told as well"
    db.session.rollback()
    name_clinic(None)
    assert db.session.scalar(told) is None


def test_unknown_columns_are_refused() -> None:
    with pytest.raises(TypeError, match="has no colour"):
        Patient(clinic_id=uuid7(), colour="red")


def _contact(clinic_id: UUID, **values: Any) -> Contact:
    number = f"+1212555{len(db.session.new):04d}"
    contact = Contact(
        clinic_id=clinic_id,
        number=number,
        number_index=Contact.index_of(number),
        zone="America/New_York",
        language="en",
        **values,
    )
    db.session.add(contact)
    return contact
