"""Races with real processes on both databases, short; `./run prove` runs the same ones long."""

import pytest

from tests.races import races


@pytest.mark.timeout(300)
def test_of_many_clients_on_one_slot_exactly_one_wins(database):
    races.one_slot(database.url, clients=16, rounds=2)


def test_random_overlapping_times_are_refused_by_the_database(database):
    races.intervals(database.url, threads=12, each=8)


@pytest.mark.timeout(300)
def test_an_answer_lost_after_the_commit_is_given_again_and_changes_nothing(database):
    races.lost_answers(database.url, times=1)


@pytest.mark.timeout(300)
def test_a_session_that_is_wanted_for_several_fates_at_once_has_one(database):
    races.one_fate(database.url, rounds=1, each=3)
