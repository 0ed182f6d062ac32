"""Bringing courses in from a file: all of it or nothing, twice is once, and nothing is said of the past."""

from pathlib import Path

import pytest

from actions.importing import import_courses, operator
from models import Course, Patient, Question, RecordEntry, Reminder, Session, Task, db
from models.clock import set_care_clock
from tests.people import NOW, harbor

HEAD = (
    "external_ref,patient_ref,name,number,protocol,starts_on,weekdays,consent,support_name,support_number,resources,"
    "given,booked"
)
ADA = "a-1,,Ada Example,+12125550101,iv_6,2027-01-12,Tue Fri,yes,Sam Sample,+12125550102,therapist of Harbor,{given},{booked}"
BEA = "b-1,,Bea Example,+12125550103,iv_6,2027-01-12,Tue Fri,yes,,,,,{booked}"
GIVEN = "2026-12-29 10:00 | 2027-01-01 10:00 | 2027-01-04 08:30"  # the last one this morning
BOOKED = "2027-01-12 10:00 | 2027-01-15 10:00"


@pytest.fixture
def clinic(app):
    set_care_clock(NOW)
    return harbor()


@pytest.fixture
def bring(clinic, cli, tmp_path: Path):
    """Run the command on these lines."""

    def run(*lines, head=HEAD, more=()):
        file = tmp_path / "courses.csv"
        file.write_text("\n".join((head, *lines, "")), "utf-8")
        return cli.invoke(args=["import-courses", str(file), "--clinic", "Harbor", *more])

    return run


def count(*tables):
    db.session.rollback()
    return [db.session.scalar(db.select(db.func.count()).select_from(table)) for table in tables]


def test_a_file_is_tried_then_brought_in_once_and_nothing_is_said_of_the_past(bring, clinic):
    lines = ADA.format(given=GIVEN, booked=BOOKED), BEA.format(booked="2027-01-12 10:00")
    tried = bring(*lines, more=["--dry-run"])
    assert tried.exit_code == 0, tried.output
    assert "line 2 a-1: enrolled (2 planned" not in tried.output
    assert "3 given before, 2 booked" in tried.output
    assert "Dry run: nothing was written." in tried.output
    assert count(Course, Patient, Session, Reminder, RecordEntry) == [0] * 5

    done = bring(*lines)
    assert done.exit_code == 0, done.output
    assert "2 new, 0 already there, 0 refused. Written." in done.output
    ada = db.session.scalar(db.select(Course).filter_by(external_ref="a-1"))
    assert (ada.status, ada.phase, ada.starts_on.isoformat()) == ("active", "induction", "2026-12-29")
    doses = db.session.scalars(
        db.select(Session).filter_by(course_id=ada.id, kind="dosing").order_by(Session.number)
    ).all()
    assert [each.status for each in doses] == ["discharged"] * 3 + ["booked"] * 2 + ["planned"]
    assert [each.given_before for each in doses] == [True] * 3 + [False] * 3
    before = {each.id for each in db.session.scalars(db.select(Session).where(Session.given_before))}
    before |= {each.id for each in db.session.scalars(db.select(Session).where(Session.of_session_id.in_(before)))}
    for table in (Reminder, Question, Task):
        assert not before & set(db.session.scalars(db.select(table.session_id)))
    ahead = set(db.session.scalars(db.select(Reminder.kind).where(Reminder.session_id == doses[3].id)))
    assert {"session_confirm", "solids_stop"} <= ahead
    assert min(db.session.scalars(db.select(Reminder.due_at))) >= NOW

    again = bring(*lines)
    assert "0 new, 2 already there, 0 refused." in again.output
    assert count(Course, Patient) == [2, 2]


def test_one_refused_line_holds_up_all_unless_it_is_skipped(bring, clinic):
    good = ADA.format(given="", booked=BOOKED)
    bad = "c-1,,Cy Example,+12125550105,iv_9,2026-01-12,Tue,yes,,,Nobody,,"
    sunday = BEA.format(booked="2027-01-17 10:00")
    held = bring(good, bad, sunday)
    assert held.exit_code == 1
    assert "line 3 c-1: REFUSED" in held.output
    assert "protocol: there is no protocol called 'iv_9'" in held.output
    assert "resources: nobody is called 'Nobody' here" in held.output
    assert "line 4 b-1: REFUSED\n    booked: 2027-01-17 10:00: This time is not offered" in held.output
    assert "Nothing was written" in held.output
    assert count(Course) == [0]
    skipped = bring(good, bad, sunday, more=["--skip-refused"])
    assert skipped.exit_code == 0, skipped.output
    assert [each.external_ref for each in db.session.scalars(db.select(Course))] == ["a-1"]


def test_lines_that_want_one_chair_are_judged_against_each_other_and_rules_hold(bring, clinic):
    three = [
        f"{name}-1,,{name.title()} Example,+1212555011{place},iv_6,2027-01-12,,yes,,,,,2027-01-12 10:00"
        for place, name in enumerate(("ada", "bea", "cyd"))
    ]
    tried = bring(*three, more=["--dry-run"])  # two chairs
    assert "line 4 cyd-1: REFUSED" in tried.output
    assert tried.exit_code == 1
    late = bring("a-1,,Ada Example,+12125550101,iv_6,2027-01-01,,yes,,,,,")
    assert "starts_on: That time has passed" in late.output
    close = bring(ADA.format(given="", booked="2027-01-12 10:00 | 2027-01-13 10:00"))
    assert "booked: 2027-01-13" in close.output or "too close" in close.output
    future = bring(ADA.format(given="2027-01-20", booked=""))
    assert "given: " in future.output
    broken = bring("a-1,half", 'b-1,"open', more=["--skip-refused"])
    assert "half a line" in broken.output
    assert broken.exit_code == 1
    unknown = bring("", head="external_ref,colour")
    assert "unknown columns: colour" in unknown.output
    assert count(Course) == [0]


def test_many_lines_leave_few_rows_in_mind(clinic):
    lines = (f"a-{n},,Ada Example,+1212555{n:04},iv_6,2027-01-12,Tue Fri,yes,,,,,".encode() for n in range(1000, 1015))
    whole = iter([f"{HEAD}\n".encode(), *(line + b"\n" for line in lines)])

    class Stream:
        def readline(self, size):
            return next(whole, b"")

    done = import_courses(clinic.clinic, Stream(), by=operator(clinic.clinic.id), now=NOW, skip_refused=True)
    assert len(done.lines) == 15
    assert len(set(db.session)) < 20
    db.session.rollback()
