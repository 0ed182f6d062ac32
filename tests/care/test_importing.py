"""What a file of courses says: read whole, or complained about by line and column, and never guessed."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from care.course.given import GivenBefore
from care.facts import SessionKind
from care.importing.reading import MOST_LINES, read
from care.importing.values import BadLine, Unreadable

HEAD = "external_ref,name,number,protocol,starts_on,consent"
ADA = "a-1,Ada Example,+12125550101,iv_6,2027-01-12,yes"
ZONE = "America/New_York"


def read_all(text, encoding="utf-8"):
    stream = io.BytesIO(text.encode(encoding) if isinstance(text, str) else text)
    return list(read(stream, ZONE, ("en", "es"), "en"))


def line_of(**cells):
    named = dict(zip(HEAD.split(","), ADA.split(","), strict=True)) | cells
    quoted = (f'"{cell}"' for cell in named.values())
    return f"{','.join(named)}\n{','.join(quoted)}\n"


def complaints(**cells):
    (line,) = read_all(line_of(**cells))
    assert isinstance(line, BadLine), line
    return [(each.column, each.say) for each in line.complaints]


def unreadable(content, encoding="utf-8"):
    with pytest.raises(Unreadable) as caught:
        read_all(content, encoding)
    return caught.value.complaint.line, caught.value.complaint.say


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_utf_8_with_and_without_a_mark_by_commas_and_semicolons_is_read(encoding, end, delimiter):
    text = end.join((HEAD, ADA.replace("Ada Example", "Ádá Éxample"), "")).replace(",", delimiter)
    (line,) = read_all(text, encoding)
    assert (line.line, line.external_ref, line.patient_ref, line.name) == (2, "a-1", "a-1", "Ádá Éxample")
    assert (line.starts_on, line.consented, line.around, line.language) == (date(2027, 1, 12), True, "10:00", "en")


def test_every_column_is_read():
    (line,) = read_all(
        line_of(
            number="+1 (212) 555-0101", language="es", zone="America/Chicago", phase="boosters", weekdays="Fri tue",
            around="9:30", support_name="Sam Sample", support_number="+12125550102", resources="Noor Haddad | Room 1",
            given="2026-12-29 | #4 2027-01-02 10:00 | 2027-01-05 missed | consult 2026-12-01",
            booked="2027-01-15 10:00 | 2027-01-12 10:00", patient_ref="p-1",
        )
    )  # fmt: skip
    assert (line.number, line.weekdays, line.around, line.zone) == ("+12125550101", (1, 4), "09:30", "America/Chicago")
    assert (line.support_language, line.resources, line.patient_ref) == ("es", ("Noor Haddad", "Room 1"), "p-1")
    assert line.given == (
        GivenBefore(on=date(2026, 12, 29)),
        GivenBefore(at=datetime(2027, 1, 2, 15, tzinfo=UTC), number=4),
        GivenBefore(on=date(2027, 1, 5), missed=True),
        GivenBefore(on=date(2026, 12, 1), kind=SessionKind.CONSULT),
    )
    first = datetime(2027, 1, 12, 15, tzinfo=UTC)
    assert line.booked == (first, first + timedelta(days=3))


def test_another_encoding_is_refused_with_line_and_byte():
    place, say = unreadable(f"{HEAD}\n{ADA}\n".encode("utf-16"))
    assert place == 1
    assert "UTF-16" in say
    place, say = unreadable(f"{HEAD}\n{ADA}\n{ADA.replace('Ada', 'José')}\n".encode("cp1252"))
    assert place == 3
    assert "byte 8" in say
    assert "0xE9" in say
    assert "'é'" in say
    assert unreadable(f"{HEAD}\n{ADA}\x00\n")[0] == 2
    assert "longer" in unreadable(f"{HEAD}\n{'x' * 30_000}\n")[1]


def test_a_head_that_does_not_fit_is_refused_whole():
    assert unreadable("") == (1, "missing columns: external_ref, name, number, protocol, starts_on, consent")
    assert "unknown columns: colour" in unreadable(f"{HEAD},colour\n{ADA},red\n")[1]
    assert "missing columns: consent" in unreadable("external_ref,name,number,protocol,starts_on\n")[1]
    assert "named twice: name" in unreadable(f"{HEAD},name\n")[1]


def test_half_a_line_is_refused_and_the_others_are_read():
    first, second, third = read_all(f"{HEAD}\na-0,Half\n\n{ADA}\n{ADA.replace('a-1', 'a-2')},more\n")
    assert (first.line, "half a line: 2 cells" in first.complaints[0].say) == (2, True)
    assert second.line == 4
    assert "too many cells" in third.complaints[0].say
    place, say = unreadable(f'{HEAD}\n{ADA}\na-2,"Ada\n{ADA}\n')
    assert place == 3
    assert "half a line" in say


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_what_a_spreadsheet_takes_for_a_formula_is_refused(begin):
    ((column, say),) = complaints(external_ref=f"{begin}cmd()")
    assert column == "external_ref"
    assert "formula" in say


def test_every_bad_cell_of_a_line_is_named_with_its_column():
    found = dict(
        complaints(
            name="http://example.com/x", number="212-555-0101", starts_on="2027-02-30", consent="maybe",
            weekdays="Tue Someday", around="25:00", zone="Nowhere", language="tlh", given="yesterday", booked="2027-03-14 02:30",
            support_name="Sam Sample",
        )
    )  # fmt: skip
    assert found.keys() == {
        "name", "number", "starts_on", "consent", "weekdays", "around", "zone", "language", "given", "booked", "support_number",
    }  # fmt: skip
    assert "once" in found["booked"]  # the clocks skip that time
    assert dict(complaints(booked="2027-11-07 01:30")).keys() == {"booked"}  # and show this one twice
    assert dict(complaints(external_ref="x" * 81)).keys() == {"external_ref"}
    assert dict(complaints(consent=" ")).keys() == {"consent"}
    assert dict(complaints(starts_on="9999-01-01")).keys() == {"starts_on"}
    assert dict(complaints(external_ref="two\nlines")).keys() == {"external_ref"}


def test_a_reference_stands_in_one_line():
    first, second = read_all(f"{HEAD}\n{ADA}\n{ADA}\n")
    assert first.external_ref == "a-1"
    assert [(each.column, each.say) for each in second.complaints] == [("external_ref", "stands in line 2 already")]


class Endless:
    """A file that never ends, a line at a time."""

    def __init__(self):
        self.count = 0

    def readline(self, size):
        self.count += 1
        return f"{HEAD}\n".encode() if self.count == 1 else ADA.replace("a-1", f"a-{self.count}").encode() + b"\n"


def test_lines_are_read_one_at_a_time_and_there_is_an_end_to_them():
    stream = Endless()
    lines = read(stream, ZONE, ("en",), "en")
    for count in range(1, MOST_LINES + 1):
        assert next(lines).line == count + 1
        assert stream.count <= count + 2
    with pytest.raises(Unreadable, match="split the file"):
        next(lines)


def test_the_example_is_readable(root: Path):
    lines = read_all((root / "docs" / "courses.example.csv").read_bytes())
    assert [line.external_ref for line in lines if not isinstance(line, BadLine)] == [
        f"clinic-471{n}" for n in (1, 2, 3)
    ]
