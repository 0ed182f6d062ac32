"""When is a call to an app backend made again?"""

from datetime import timedelta
from uuid import UUID

import pytest

from care.calls import STRETCH, WAITS, retry_after, wait_after

ID = UUID("0197a3c2-5b1e-7d40-8a31-6c2f0e9d4b17")


def test_each_wait_is_stretched_by_at_most_a_fifth_and_always_alike():
    for tries, least in enumerate(WAITS, start=1):
        wait = wait_after(tries, ID)
        assert least <= wait <= least * (1 + STRETCH)
        assert wait == wait_after(tries, ID)
    assert wait_after(len(WAITS) + 1, ID) is None


def test_many_that_failed_together_do_not_come_back_together():
    waits = {wait_after(3, UUID(int=number << 18)) for number in range(64)}
    assert len(waits) > 32


def test_a_wish_to_be_left_alone_counts_up_to_a_day():
    assert wait_after(1, ID, wished=timedelta(minutes=10)) == timedelta(minutes=10)
    assert wait_after(1, ID, wished=timedelta(days=9)) == timedelta(days=1)
    assert wait_after(5, ID, wished=timedelta(seconds=1)) >= WAITS[4]


@pytest.mark.parametrize(
    ("header", "wait"), [("120", timedelta(minutes=2)), (None, None), ("soon", None), ("-5", None), ("9" * 12, None)]
)
def test_retry_after_in_seconds(header, wait):
    assert retry_after(header) == wait
