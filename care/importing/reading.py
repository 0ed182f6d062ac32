"""Which courses does a CSV file name? The head says which columns there are; every line is read whole or complained about."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from care.importing import cells
from care.importing.decoding import Stream, lines_of
from care.importing.values import BadLine, Complaint, CourseLine, Unreadable

MOST_LINES = 10_000
NEEDED = ("external_ref", "name", "number", "protocol", "starts_on", "consent")


def columns(zone: str, languages: Sequence[str]) -> Mapping[str, cells.Read]:
    """How each column is read, for a clinic in this zone."""
    language = cells.choice(*languages)
    return {
        "external_ref": cells.words(80),
        "patient_ref": cells.words(80),
        "name": cells.person,
        "number": cells.phone,
        "language": language,
        "zone": cells.zone,
        "protocol": cells.words(40),
        "phase": cells.words(40),
        "starts_on": cells.day,
        "weekdays": cells.weekdays,
        "around": cells.clock,
        "consent": cells.yes_or_no,
        "support_name": cells.person,
        "support_number": cells.phone,
        "support_language": language,
        "resources": cells.several(80),
        "given": cells.given(zone),
        "booked": cells.times(zone),
    }


def read(stream: Stream, zone: str, languages: Sequence[str], language: str) -> Iterator[CourseLine | BadLine]:
    """Every line after the head. Raises `Unreadable` where the file itself cannot be read on.

    `language`: of people of whom the file says none.
    """
    text = lines_of(stream)
    first = next(text, "")
    known, delimiter = columns(zone, languages), ";" if first.count(";") > first.count(",") else ","
    head = _head(first, delimiter, known)
    seen: dict[str, int] = {}
    for number, row in _rows(text, delimiter):
        if len(row) != len(head):
            yield BadLine(number, None, (Complaint(number, None, _half(row, head)),))
            continue
        filled = {name: cell.strip() for name, cell in zip(head, row, strict=True) if cell.strip()}
        yield _line(number, filled, known, seen, language)


def _head(first: str, delimiter: str, known: Mapping[str, cells.Read]) -> list[str]:
    try:
        head = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter, strict=True), [])]
    except csv.Error as error:
        raise Unreadable(1, f"the head cannot be read: {error}") from error
    unknown, missing = [name for name in head if name not in known], [name for name in NEEDED if name not in head]
    twice = sorted({name for name in head if head.count(name) > 1})
    says = [
        f"unknown columns: {', '.join(name or '(empty)' for name in unknown)}" if unknown else "",
        f"missing columns: {', '.join(missing)}" if missing else "",
        f"columns named twice: {', '.join(twice)}" if twice else "",
    ]
    if any(says):
        raise Unreadable(1, "; ".join(filter(None, says)))
    return head


def _rows(text: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line each begins on; empty lines are passed over."""
    rows, count = csv.reader(text, delimiter=delimiter, strict=True), 0
    while True:
        begins = rows.line_num + 2  # after the head
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise Unreadable(begins, f"half a line: {error}") from error
        if row is None:
            return
        if any(cell.strip() for cell in row):
            count += 1
            if count > MOST_LINES:
                raise Unreadable(begins, f"more than {MOST_LINES} lines: split the file")
            yield begins, row


def _half(row: Sequence[str], head: Sequence[str]) -> str:
    what = "half a line" if len(row) < len(head) else "too many cells; is something not in quotes?"
    return f"{what}: {len(row)} cells, the head has {len(head)}"


def _line(
    number: int, filled: Mapping[str, str], known: Mapping[str, cells.Read], seen: dict[str, int], language: str
) -> CourseLine | BadLine:
    values: dict[str, Any] = {}
    wrong = [Complaint(number, name, "is missing") for name in NEEDED if name not in filled]
    for name, cell in filled.items():
        try:
            values[name] = known[name](cell)
        except ValueError as error:
            wrong.append(Complaint(number, name, str(error)))
    wrong += _contradictions(number, filled)
    ref = values.get("external_ref")
    if ref in seen:
        wrong.append(Complaint(number, "external_ref", f"stands in line {seen[ref]} already"))
    elif ref is not None:
        seen[ref] = number
    return BadLine(number, ref, tuple(wrong)) if wrong else _course(number, values, language)


def _contradictions(number: int, filled: Mapping[str, str]) -> Iterator[Complaint]:
    if ("support_name" in filled) != ("support_number" in filled):
        missing = "support_name" if "support_number" in filled else "support_number"
        yield Complaint(number, missing, "is missing: a support person has a name and a number")


def _course(number: int, values: Mapping[str, Any], language: str) -> CourseLine:
    return CourseLine(
        line=number,
        external_ref=values["external_ref"],
        patient_ref=values.get("patient_ref", values["external_ref"]),
        name=values["name"],
        number=values["number"],
        language=values.get("language", language),
        zone=values.get("zone"),
        protocol=values["protocol"],
        phase=values.get("phase"),
        starts_on=values["starts_on"],
        weekdays=values.get("weekdays", ()),
        around=values.get("around", "10:00"),
        consented=values["consent"],
        support_name=values.get("support_name"),
        support_number=values.get("support_number"),
        support_language=values.get("support_language", values.get("language", language)),
        resources=values.get("resources", ()),
        given=values.get("given", ()),
        booked=values.get("booked", ()),
    )
