"""How are free times asked for? By days, hours and resources, a page at a time, and for staff with every reason at once."""

from datetime import date, time, timedelta

from models import Availability, BusyTime, Closure, OtherHours, Resource, db
from tests.api.conftest import each
from tests.people import NOW

MONTHS = "from=2027-01-11T00:00:00Z&until=2027-04-13T00:00:00Z"
TUESDAY = "from=2027-01-12T05:00:00Z&until=2027-01-13T05:00:00Z"


def ask(speaker, session, query, whose="me/"):
    answer = speaker.get(f"/v1/{whose}sessions/{session.id}/slots?{query}")
    assert answer.status_code == 200, answer.json
    return answer.json


def staff_ask(cast, session, query):
    return ask(cast.cora, session, query, whose="")


def clocks(found):
    return [each["starts_at"]["local"][11:16] for each in found["items"]]


def resource(cast, kind):
    return db.session.scalars(db.select(Resource).filter_by(clinic_id=cast.home.clinic.id, kind=kind)).one()


def write(cast, table, **values):
    db.session.add(table(clinic_id=cast.home.clinic.id, **values))
    db.session.commit()


def at(clock):
    return f"2027-01-12T{clock}:00-05:00"


def test_a_patient_asks_for_tuesdays_near_ten(cast):
    session = cast.dose()
    found = ask(cast.ada, session, "from=2027-01-11T00:00:00Z&until=2027-01-25T00:00:00Z&weekdays=1&around=10:00")
    assert set(clocks(found)) == {"08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00"}
    assert {date.fromisoformat(each["starts_at"]["local"][:10]).weekday() for each in found["items"]} == {1}
    assert set(found["items"][0]) == {"id", "starts_at", "ends_at"}
    part = ask(cast.ada, session, f"{TUESDAY}&from_time=09:00&until_time=10:00")
    assert clocks(part) == ["09:00", "09:30"]


def test_clock_times_are_the_clinics_unless_another_zone_is_named(cast):
    session = cast.dose()
    found = ask(cast.ada, session, f"{TUESDAY}&from_time=09:00&until_time=09:30&zone=America/Los_Angeles")
    assert clocks(found) == ["12:00"]  # shown in Ada's own zone, as ever


def test_three_months_come_a_page_at_a_time(cast):
    session = cast.dose()
    whole = staff_ask(cast, session, f"{MONTHS}&limit=500")
    pages, after = [], ""
    while True:
        page = staff_ask(cast, session, f"{MONTHS}&limit=120{after}")
        pages += page["items"]
        if page["next"] is None or len(pages) >= len(whole["items"]):
            break
        after = f"&after={page['next']}"
    assert [one["id"] for one in pages][: len(whole["items"])] == [one["id"] for one in whole["items"]]
    assert len({one["id"] for one in pages}) == len(pages)
    assert len(staff_ask(cast, session, MONTHS)["items"]) == 200


def test_patients_pages_hold_lawful_times_alone(cast):
    session = cast.dose()
    first = ask(cast.ada, session, f"{MONTHS}&limit=3")
    second = ask(cast.ada, session, f"{MONTHS}&limit=3&after={first['next']}")
    both = ask(cast.ada, session, f"{MONTHS}&limit=6")
    assert first["items"] + second["items"] == both["items"]
    lawful = [one["id"] for one in staff_ask(cast, session, f"{MONTHS}&limit=500")["items"] if not one["refusals"]]
    assert [one["id"] for one in ask(cast.ada, session, f"{MONTHS}&limit=500")["items"]] == lawful


def test_a_named_resource_counts_for_its_kind(cast):
    session, chair = cast.dose(), resource(cast, "chair")
    other = Resource(clinic_id=cast.home.clinic.id, kind="chair", name="by the window", lanes=1)
    db.session.add(other)
    write(cast, Availability, resource_id=other.id, weekday=1, opens=time(9), closes=time(14))
    everywhere, there = (
        staff_ask(cast, session, f"{TUESDAY}{named}")["items"] for named in ("", f"&resources={other.id}")
    )
    assert {one["seats"][0]["resource_id"] for one in everywhere} == {str(chair.id)}
    assert {one["seats"][0]["resource_id"] for one in there} == {str(other.id)}


def test_staff_see_why_the_other_times_cannot_be_had_every_reason_at_once(cast):
    session, chair = cast.dose(), resource(cast, "chair")
    begin = NOW.replace(day=12, hour=5)
    noon = {"starts_at": begin + timedelta(hours=12), "ends_at": begin + timedelta(hours=13)}
    write(cast, Closure, resource_id=chair.id, reason="repair", made_at=NOW, **noon)
    write(cast, BusyTime, resource_id=resource(cast, "clinician").id, **noon)
    found = staff_ask(cast, session, f"{TUESDAY}&refused=true")["items"]
    assert len(found) == 48
    by_clock = {one["starts_at"]["local"][11:16]: one for one in found}
    missing = {
        clock: {(each["data"]["kind"], each["data"]["why"]) for each in one["refusals"] if "kind" in each["data"]}
        for clock, one in by_clock.items()
    }
    assert missing["12:00"] == {("chair", "closed"), ("clinician", "busy")}
    assert missing["03:00"] == {("chair", "none"), ("clinician", "none"), ("monitor", "none")}
    assert by_clock["03:00"]["id"] is None
    assert by_clock["10:00"]["refusals"] == []
    assert by_clock["12:00"]["refusals"][0]["say"].endswith(".")
    long_ago = staff_ask(cast, session, "from=2027-01-24T13:00:00Z&until=2027-01-24T14:00:00Z&refused=true")["items"][0]
    assert {"resource_missing", "outside_span"} <= {each["code"] for each in long_ago["refusals"]}


def test_a_busy_time_alone_leaves_staff_a_slot_to_take_with_a_reason(cast):
    session, clinician = cast.dose(), resource(cast, "clinician")
    begin = NOW.replace(day=12, hour=15)  # ten at the clinic
    write(cast, BusyTime, resource_id=clinician.id, starts_at=begin, ends_at=begin + timedelta(hours=1))
    query = f"{TUESDAY}&refused=true&from_time=10:00&until_time=10:30"
    (ten,) = staff_ask(cast, session, query)["items"]
    assert [(each["code"], each["data"]) for each in ten["refusals"]] == [
        ("resource_missing", {"kind": "clinician", "why": "busy"})
    ]
    wish = {"slot": ten["id"]}
    seen = f'"{session.edition}"'
    patients = cast.ada.put(f"/v1/me/sessions/{session.id}/booking", wish, If_Match=seen)
    assert [each["code"] for each in patients.json["refusals"]] == ["slot_not_offered"]
    without = cast.cora.put(f"/v1/sessions/{session.id}/booking", wish, If_Match=seen)
    assert [each["code"] for each in without.json["refusals"]] == ["resource_missing"]
    reasoned = wish | {"reason": "The clinician swapped that hour."}
    assert cast.cora.put(f"/v1/sessions/{session.id}/booking", reasoned, If_Match=seen).status_code == 200


def test_hours_of_one_date_replace_the_weekly_ones(cast):
    session = cast.dose()
    for kind in ("chair", "clinician", "monitor"):
        write(
            cast,
            OtherHours,
            resource_id=resource(cast, kind).id,
            on_date=date(2027, 1, 12),
            opens=time(10),
            closes=time(14),
        )
    assert clocks(staff_ask(cast, session, TUESDAY))[0] == "10:30"


@each(
    "query, field",
    [
        ("from=2027-01-11T00:00:00Z&until=2027-04-15T00:00:00Z", "until"),
        ("from=2027-01-11T00:00:00Z&until=2027-01-11T00:00:00Z", "until"),
        ("weekdays=7", "weekdays.0"),
        ("weekdays=1,,2", "weekdays.1"),
        ("from_time=25:00", "from_time"),
        ("around=noon", "around"),
        ("zone=Mars/Olympus", "zone"),
        ("resources=chair-one", "resources.0"),
        ("limit=501", "limit"),
        ("after=yesterday", "after"),
        ("refused=true", "refused"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_its_field(cast, query, field):
    answer = cast.ada.get(f"/v1/me/sessions/{cast.dose().id}/slots?{query}")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["fields"]] == [field]
