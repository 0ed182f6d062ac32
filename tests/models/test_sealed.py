"""Do private fields stay private, and where they belong?"""

from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import text

from models import Patient, db
from models.sealed import Keyring, place
from tests.people import ADA, harbor


def test_no_name_or_number_is_readable_in_the_tables(app: Any) -> None:
    harbor().enrol_ada()
    for table in ("patient", "support_person", "contact", "staff", "on_call", "record_entry", "reminder"):
        rows = db.session.execute(text(f"SELECT * FROM {table}")).all()
        values = [value for row in rows for value in row]
        stored = " ".join(
            str(bytes(value)) if isinstance(value, bytes | memoryview) else str(value) for value in values
        )
        assert rows
        for private in ("Ada", "Sam", "Cora", "Olive", ADA[2:]):
            assert private not in stored, f"{private} stands in {table}"


def test_a_sealed_value_moved_to_another_row_does_not_open(app: Any) -> None:
    here = harbor()
    ada = here.patient(here.enrol_ada())
    other = Patient(clinic_id=ada.clinic_id, name="Bea", contact_id=ada.contact_id, change_no=0, stale=False)
    other.name_sealed = ada.name_sealed
    with pytest.raises(InvalidTag):
        _ = other.name


def test_a_number_is_found_by_its_blind_index_in_its_own_clinic_alone(app: Any) -> None:
    from models import Contact

    here, there = harbor(), harbor("Elsewhere")
    here.enrol_ada()
    assert Contact.at(here.clinic.id, ADA) is not None
    assert Contact.at(there.clinic.id, ADA) is None


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    old, where = Keyring({"k0": b"0" * 32}), place("patient", "name_sealed", *_ids())
    sealed = old.seal("Ada", where)
    both = Keyring({"k1": b"1" * 32, "k0": b"0" * 32})
    assert both.unseal(sealed, where) == "Ada"
    assert both.seal("Ada", where).startswith(b"k1:")
    assert both.derived("x") == old.derived("x"), "blind indexes stay findable"


def _ids() -> Any:
    from models.columns import uuid7

    return uuid7(), uuid7()
