"""Does Steadfast start only with settings that are complete and safe, and name every wrong one at once?"""

import stat

import pytest

import settings
from settings import SettingsError, read

PRODUCTION = {
    "DATABASE_URL": "postgres://clinic:word@db/steadfast",
    "PUBLIC_BASE_URL": "https://clinic.example/",
    "SECRET_KEY": "k" * 32,
    "DATA_KEYS": f"k2:{'0a' * 32},k1:{'ff' * 32}",
}


@pytest.fixture
def instance(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "INSTANCE", tmp_path / "instance")
    return tmp_path / "instance"


def complaints(environment, **given):
    with pytest.raises(SettingsError) as refused:
        read(environment, given)
    return refused.value.complaints


def test_a_complete_environment_is_read_into_values():
    values = read(PRODUCTION)
    assert values["PORT"] == 8000
    assert values["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://clinic:word@db/steadfast"
    assert values["PUBLIC_BASE_URL"] == "https://clinic.example"
    assert list(values["DATA_KEYS"].items()) == [("k2", b"\x0a" * 32), ("k1", b"\xff" * 32)]
    assert values["UNCONFIRMED_LOOKS_S"] == (60, 180, 600)
    assert values["SMS_TRANSPORT"] == "twilio"
    assert values["DEMO"] is False


def test_every_wrong_variable_is_named_at_once_and_no_value_is_repeated():
    wrong = {"PORT": "eighty", "SECRET_KEY": "hunter2", "DATA_KEYS": "k1:hunter2", "DEMO": "yes", "LEASE_S": "-1"}
    said = complaints({**PRODUCTION, **wrong})
    assert {line.split()[0] for line in said} == set(wrong)
    assert "hunter2" not in " ".join(said)


def test_nothing_is_invented_outside_the_demonstration():
    said = complaints({})
    assert {line.split()[0] for line in said} == {"DATABASE_URL", "PUBLIC_BASE_URL", "SECRET_KEY", "DATA_KEYS"}


def test_the_demonstration_makes_its_secrets_once_and_keeps_them_to_its_owner(instance):
    first, second = read({"DEMO": "1"}), read({"DEMO": "1", "PORT": "8001"})
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert first["DATA_KEYS"] == second["DATA_KEYS"]
    assert stat.S_IMODE((instance / "secrets").stat().st_mode) == 0o600
    assert first["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{instance}/steadfast.db"
    assert second["PUBLIC_BASE_URL"] == "http://127.0.0.1:8001"
    assert first["SMS_TRANSPORT"] == "phones"


def test_an_empty_variable_counts_as_not_set():
    assert read({**PRODUCTION, "PORT": " "})["PORT"] == 8000


def test_what_is_given_wins_and_flasks_own_names_pass_through():
    values = read(PRODUCTION, {"PORT": "8002", "TICK_S": 1, "TESTING": True})
    assert (values["PORT"], values["TICK_S"], values["TESTING"]) == (8002, 1, True)


@pytest.mark.parametrize(
    ("unsafe", "named"),
    [
        ({"PUBLIC_BASE_URL": "http://clinic.example"}, "PUBLIC_BASE_URL"),
        ({"SMS_TRANSPORT": "phones"}, "SMS_TRANSPORT"),
        ({"TWILIO_BASE_URL": "http://127.0.0.1:4010"}, "TWILIO_BASE_URL"),
        ({"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "t" * 32}, "TWILIO_MESSAGING_SERVICE_SID"),
        ({"DEMO": "1"}, "DEMO"),
        ({"DATABASE_URL": "mysql://db/steadfast"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL"),
        ({"DATA_KEYS": f"k1:{'0a' * 32},k1:{'0b' * 32}"}, "DATA_KEYS"),
        ({"PUBLIC_BASE_URL": "https://clinic.example:port"}, "PUBLIC_BASE_URL"),
    ],
)
def test_unsafe_settings_are_refused_by_name(unsafe, named):
    assert [line.split()[0] for line in complaints({**PRODUCTION, **unsafe})] == [named]


def test_a_demonstration_may_be_shown_to_others_when_said_so():
    assert read({**PRODUCTION, "DEMO": "1", "DEMO_PUBLIC": "1"})["DEMO"] is True


def test_the_demonstration_with_a_real_provider_needs_the_whole_account():
    said = complaints(
        {"DEMO": "1", "SMS_TRANSPORT": "twilio", **PRODUCTION, "PUBLIC_BASE_URL": "http://localhost:8000"}
    )
    assert {line.split()[0] for line in said} == {
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_MESSAGING_SERVICE_SID",
    }
