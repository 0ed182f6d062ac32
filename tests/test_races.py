"""Races with real processes on both databases, short; `./run prove` runs the same ones long."""

import pytest

from tests.races import races


@pytest.mark.timeout(300)
def test_of_many_clients_on_one_slot_exactly_one_wins(database):
    races.one_slot(database.url, clients=24, rounds=2)


def test_random_overlapping_times_are_refused_by_the_database(database):
    races.intervals(database.url, threads=12, each=8)


@pytest.mark.timeout(300)
def test_an_answer_lost_after_the_commit_is_given_again_and_changes_nothing(database):
    races.lost_answers(database.url, times=2)
