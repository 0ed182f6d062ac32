"""Is this UTF-8 text? Bytes become lines one at a time; what is not says which line and byte, and what it probably is."""

from collections.abc import Iterator
from typing import Protocol

from care.importing.values import Unreadable

LONGEST = 20_000  # bytes in one line
UTF8_MARK, UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
SAVE_AS = "save it as CSV UTF-8"


class Stream(Protocol):
    def readline(self, size: int, /) -> bytes: ...


def lines_of(stream: Stream) -> Iterator[str]:
    """The lines with their ends, without a byte order mark. Raises `Unreadable` at the first that is not text."""
    number = 0
    while raw := stream.readline(LONGEST + 1):
        number += 1
        yield _decoded(raw.removeprefix(UTF8_MARK) if number == 1 else raw, number)


def _decoded(raw: bytes, number: int) -> str:
    if number == 1 and (raw.startswith(UTF16_MARKS) or b"\x00" in raw):
        raise Unreadable(number, f"this file is UTF-16, not UTF-8: {SAVE_AS}")
    if len(raw) > LONGEST:
        raise Unreadable(number, f"the line is longer than {LONGEST} bytes; is this a CSV file with line ends?")
    if b"\x00" in raw:
        raise Unreadable(number, f"byte {raw.index(0) + 1} of the line is NUL, which no text has")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(number, _hint(raw, error.start)) from error


def _hint(raw: bytes, place: int) -> str:
    """What the byte would be in the encoding that office programs use."""
    letter = raw[place : place + 1].decode("cp1252", errors="replace")
    meant = f"; in Windows-1252 it would be {letter!r}" if letter.isprintable() and letter != "\ufffd" else ""
    return f"byte {place + 1} of the line, 0x{raw[place]:02X}, is not UTF-8{meant}: {SAVE_AS}"
