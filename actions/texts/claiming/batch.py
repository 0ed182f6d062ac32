"""What does one sender take on now? The most urgent contacts, each decided as a whole."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from actions.facts import clinic_facts
from actions.texts.claiming.due import Round, as_waiting, contacts_due, lock_free, waiting_at
from actions.texts.claiming.phones import states_of
from actions.texts.claiming.stays import call_all, end_unheard, keep, look_later
from actions.texts.claiming.written import Written
from actions.texts.contacts import NUMBER_UNUSABLE
from actions.texts.send import Claimed
from care.pacing import Pace, pace
from models import Clinic, Sender, db


@dataclass(frozen=True, slots=True)
class Batch:
    """What was claimed, and at how many contacts something was decided: none means that nothing more can be done now."""

    claimed: tuple[Claimed, ...]
    decided: int
    passed_over: frozenset[UUID] = frozenset()  # contacts that are busy now: those behind them need not wait


def claim(
    sender: Sender,
    *,
    base_url: str,
    now: datetime,
    machine_now: datetime,
    lease_s: int,
    limit: int,
    besides: Collection[UUID] = (),
) -> Batch:
    """Claim what is due at up to `limit` contacts, the most urgent first, `besides` left out. Nothing is sent yet.

    Links begin with `base_url`.
    """
    clinic = clinic_facts(db.session.get_one(Clinic, sender.clinic_id))
    moment = Round(sender, clinic, now, machine_now + timedelta(seconds=lease_s))
    end_unheard(sender.clinic_id, now)
    due = contacts_due(sender, now, limit, besides)
    contacts, people = lock_free(sender.clinic_id, due)
    waiting = waiting_at(moment, people)
    states = states_of(moment, contacts, people)
    written = Written(moment, people, base_url)
    for contact in contacts:
        rows = waiting[contact.id]
        if contact.unusable_why is not None:
            call_all([row for row in rows if row.due_at <= now], NUMBER_UNUSABLE, now)
            continue
        decision = pace(states[contact.id], [as_waiting(row) for row in rows], now)
        keep(decision, now)
        look_later(_undecided(rows, decision, now), now)
        written.add(contact, states[contact.id], decision, {row.id: row for row in rows})
    decided = sum(any(row.look_at <= now for row in waiting[contact.id]) for contact in contacts)
    return Batch(written.flush(), decided, frozenset(due) - {contact.id for contact in contacts})


def _undecided(rows: Sequence[Row[Any]], decision: Pace, now: datetime) -> list[UUID]:
    """Every due reminder is in a message or stays; should one not be, it must not come up again and again."""
    decided = {*decision.stays, *(id_ for each in decision.messages for id_ in each.reminder_ids)}
    return [row.id for row in rows if row.look_at <= now and row.id not in decided]
