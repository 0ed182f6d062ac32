"""Can an operator open a real clinic, and is told what is wrong with its file?"""

from pathlib import Path
from typing import Any

import pytest

from jobs import clinic_file
from models import Availability, Clinic, OtherHours, Resource, Sender, Staff, db
from tests.databases import app_on

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "clinic.example.toml"


def test_the_example_opens_a_clinic_that_can_be_entered(app: Any, cli: Any) -> None:
    said = cli.invoke(args=["open-clinic", str(EXAMPLE)])
    assert said.exit_code == 0, said.output
    clinic = db.session.execute(db.select(Clinic)).scalar_one()
    assert (clinic.short_name, clinic.zone) == ("Harbor", "America/New_York")
    assert clinic.safety_on_call_id is not None
    assert sorted(staff.role for staff in db.session.scalars(db.select(Staff))) == ["clinician", "coordinator"]
    assert {sender.purpose for sender in db.session.scalars(db.select(Sender))} == {"care", "login"}
    chair = db.session.execute(db.select(Resource).filter_by(kind="chair")).scalar_one()
    open_on = db.session.scalars(db.select(Availability.weekday).where(Availability.resource_id == chair.id)).all()
    assert sorted(open_on) == [0, 1, 2, 3, 4, 5]
    token = cli.invoke(args=["token", "--role", "coordinator", "--who", "Cora Bell"])
    assert token.exit_code == 0
    assert token.output.count(".") == 2


def test_a_clinic_says_its_own_limits_and_price_for_late_changes(app: Any, cli: Any, tmp_path: Path) -> None:
    own = tmp_path / "clinic.toml"
    limits = 'freeze_hours = 24\nlate_change = {en = "Free until the day before."}\n'
    own.write_text(limits + EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    assert cli.invoke(args=["open-clinic", str(own)]).exit_code == 0
    clinic = db.session.execute(db.select(Clinic)).scalar_one()
    assert clinic.settings == {"freeze_hours": 24, "late_change": {"en": "Free until the day before."}}


def test_people_elsewhere_by_video_and_on_other_hours(app: Any, cli: Any, tmp_path: Path) -> None:
    own = tmp_path / "clinic.toml"
    more = (
        'address = "12 Elm Street"\nonline = true\nbusy_feed = "https://calendar.example.com/noor.ics"\n'
        'other = ["2027-12-24 09:00-12:00", "2027-12-24 13:00-14:00", "2027-12-25 closed"]\n'
    )
    said = EXAMPLE.read_text(encoding="utf-8").replace('name = "Noor Haddad"\n', 'name = "Noor Haddad"\n' + more)
    own.write_text(said, encoding="utf-8")
    assert cli.invoke(args=["open-clinic", str(own)]).exit_code == 0
    noor = db.session.execute(db.select(Resource).filter_by(name="Noor Haddad")).scalar_one()
    assert (noor.address, noor.online, noor.busy_feed) == (
        "12 Elm Street",
        True,
        "https://calendar.example.com/noor.ics",
    )
    days = db.session.scalars(db.select(OtherHours).order_by(OtherHours.on_date, OtherHours.opens)).all()
    assert [(day.on_date.day, day.opens and day.opens.hour) for day in days] == [(24, 9), (24, 13), (25, None)]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('other = ["2027-02-30 closed"]', "other.0"),
        ('other = ["2027-12-24 12:00-08:00"]', "other.0"),
        ('other = ["Christmas"]', "other.0"),
        ('other = ["2027-12-24 closed", "2027-12-24 08:00-12:00"]', "other"),
        ('busy_feed = "file:///etc/passwd"', "busy_feed"),
        ('online = "yes"', "online"),
        ('address = ""', "address"),
    ],
)
def test_what_cannot_be_meant_of_a_resource_is_named(tmp_path: Path, line: str, place: str) -> None:
    own = tmp_path / "clinic.toml"
    said = EXAMPLE.read_text(encoding="utf-8").replace('name = "Noor Haddad"\n', f'name = "Noor Haddad"\n{line}\n')
    own.write_text(said, encoding="utf-8")
    with pytest.raises(ValueError, match=f"resources.3.{place}"):
        clinic_file.read(own)


def test_the_same_clinic_is_not_opened_twice(app: Any, cli: Any) -> None:
    cli.invoke(args=["open-clinic", str(EXAMPLE)])
    again = cli.invoke(args=["open-clinic", str(EXAMPLE)])
    assert again.exit_code == 1
    assert "There is a clinic called Harbor already." in again.output
    assert db.session.query(Clinic).count() == 1


def test_every_mistake_in_the_file_is_named_by_its_place(tmp_path: Path) -> None:
    wrong = tmp_path / "clinic.toml"
    wrong.write_text(
        'short_name = "Harbor"\nzone = "America/New_York"\nphone = "1"\ncolour = "red"\nstaff = [{role = "boss", name = "B"}]\n'
        'resources = [{kind = "chair", name = "A", open = ["fri-mon 18:00-08:00"]}]\non_call = [{name = "O", number = "555"}]\n'
    )
    with pytest.raises(ValueError, match="colour") as told:
        clinic_file.read(wrong)
    for place in ("colour", "staff.0.role", "resources.0.open.0", "on_call.0.number"):
        assert place in str(told.value)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ('zone = "America/New_York"', "zone"),
        ('short_name = "Harbor"', "short name"),
        ('role = "coordinator"', "coordinator"),
    ],
)
def test_a_clinic_that_would_do_harm_is_not_opened(
    app: Any, cli: Any, tmp_path: Path, change: str, complaint: str
) -> None:
    instead = {
        "zone": 'zone = "New York"',
        "short name": 'short_name = "Ketamine Harbor"',
        "coordinator": 'role = "clinician"',
    }
    file = tmp_path / "clinic.toml"
    file.write_text(EXAMPLE.read_text().replace(change, instead[complaint]))
    said = cli.invoke(args=["open-clinic", str(file)])
    assert said.exit_code == 1
    assert complaint in said.output
    assert db.session.query(Clinic).count() == 0


def test_invented_people_are_seeded_only_in_a_demonstration(database: Any) -> None:
    real = {
        "DEMO": "0",
        "PUBLIC_BASE_URL": "https://care.example",
        "SMS_TRANSPORT": "twilio",
    }
    with app_on(database.url, **real) as app:
        said = app.test_cli_runner().invoke(args=["seed"])
        assert said.exit_code == 1
        assert "open-clinic" in said.output
        refused = app.test_cli_runner().invoke(args=["open-clinic", str(EXAMPLE)])
        assert "TWILIO_ACCOUNT_SID" in refused.output
