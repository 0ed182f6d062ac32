"""Are the network's words merged by rank, and does every code ask for something?"""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from care.delivery import CODES, NUMBER_CODES, Trouble, final, further, outweighs, status_rank, trouble

STATUSES = [
    "accepted",
    "queued",
    "sending",
    "sent",
    "delivered",
    "undelivered",
    "failed",
    "canceled",
    "read",
    "new word",
]
HEARD = st.lists(st.sampled_from(STATUSES), max_size=8)


@given(HEARD, st.randoms())
def test_the_furthest_word_does_not_depend_on_the_order(heard, chance):
    shuffled = list(heard)
    chance.shuffle(shuffled)
    assert _furthest(heard) == _furthest(shuffled) == _furthest(heard + shuffled)


def _furthest(heard):
    known = None
    for status in heard:
        known = further(known, status)
    return known


def test_a_delivery_outweighs_every_other_outcome_and_nothing_outweighs_it():
    for outcome in ("unconfirmed", "unreported", "failed", "undelivered"):
        assert outweighs("delivered", None, outcome, 30003)
        assert not outweighs(outcome, 30003, "delivered", None)


def test_the_outcome_does_not_depend_on_the_order_of_reasons():
    said = [("failed", 30008), ("undelivered", 30003), ("undelivered", 30005)]
    ends = set()
    for order in permutations(said):
        known: tuple[str | None, int | None] = (None, None)
        for outcome, code in order:
            known = (outcome, code) if outweighs(outcome, code, *known) else known
        ends.add(known)
    assert ends == {("undelivered", 30005)}


def test_a_text_that_was_given_back_is_not_revived_by_the_network():
    assert not outweighs("delivered", None, "cancelled", None)


def test_words_that_nobody_has_read_yet_change_nothing():
    assert further("sent", "teleported") == "sent"
    assert final("teleported") is None
    assert status_rank("teleported") < status_rank("accepted")


def test_codes_that_nobody_has_read_yet_have_a_default():
    assert trouble(99999) is trouble(None) is Trouble.UNKNOWN


def test_every_fault_of_a_number_says_what_is_wrong_with_it():
    assert {code for code, kind in CODES.items() if kind is Trouble.NUMBER} == set(NUMBER_CODES)
