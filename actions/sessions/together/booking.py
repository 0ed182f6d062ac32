"""How are several sessions booked? All together in one transaction or none, and every conflict of every one said at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from actions.record import Actor, Verb, lock, note
from actions.remind import remind
from actions.sessions.book import judged_by_database, said, set_time
from actions.sessions.elsewhere import here_again
from actions.sessions.seats import swap_seats
from actions.sessions.slots import busy_refusals
from actions.sessions.together.proposing import PhaseWish, ProposedSlot, Table, TogetherProposal, laid_out, proposed
from care.course.slots import Slot
from care.course.together import Unbooked, conflicts
from care.facts import SessionFacts
from care.refusals import Code, Refusal, Refused
from models import Course, Session, db

Choices = Mapping[UUID, Slot | None]  # by session; None: it stays without a time


@dataclass(frozen=True, slots=True)
class Conflict:
    """One session that cannot have the slot chosen for it, with every reason and what is free for it instead."""

    session: Session
    refusals: tuple[Refusal, ...]
    alternatives: tuple[Slot, ...]


class NotTogether(Refused):
    """Nothing was booked: `conflicts` says why, session by session; `proposal` is what could be booked now."""

    def __init__(self, conflicts: tuple[Conflict, ...], proposal: TogetherProposal) -> None:
        super().__init__([refusal for each in conflicts for refusal in each.refusals])
        self.conflicts, self.proposal = conflicts, proposal


class ProposalIsStale(Refused):
    """What was agreed to is no longer what would be proposed; `proposal` is the new one."""

    def __init__(self, proposal: TogetherProposal) -> None:
        super().__init__([Refusal(Code.PLAN_IS_STALE)])
        self.proposal = proposal


def book_together(
    course: Course,
    wish: PhaseWish,
    token: str | None,
    choices: Choices,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> list[Session]:
    """Book what was proposed, with `choices` in place of it; without a token the choices alone. In order of time.

    Raises `ProposalIsStale` when something else would be proposed now, `NotTogether` with every conflict of every session.
    """
    patient = lock(course.clinic_id, course.patient_id)
    db.session.flush()
    db.session.expire_all()
    table = laid_out(course, wish, by=by, now=now, reason=reason)
    proposal = proposed(table, wish)
    if token is not None and token != proposal.token:
        raise ProposalIsStale(proposal)
    chosen = _chosen(proposal if token else None, choices)
    _judge(chosen, table, proposal, by=by, reason=reason)
    try:
        _take(chosen, table, now=now)
    except Refused as taken:
        fresh = laid_out(course, wish, by=by, now=now, reason=reason)
        against = _taken_meanwhile(chosen, fresh, taken)
        instead = proposed(fresh, wish)
        raise NotTogether(_conflicts(against, fresh, instead), instead) from taken
    booked = [table.rows[id_] for id_ in sorted(chosen, key=lambda id_: chosen[id_].starts_at)]
    with db.session.no_autoflush:  # all entries go in one statement
        for session in booked:
            note(Verb.BOOK, by=by, now=now, patient=patient, subject_id=session.id, facts=said(session), reason=reason)
    remind(patient, now=now)
    return booked


def _chosen(proposal: TogetherProposal | None, choices: Choices) -> dict[UUID, Slot]:
    offered = {each.session.id: each.slot for each in proposal.sessions} if proposal else {}
    return {id_: slot for id_, slot in {**offered, **choices}.items() if slot is not None}


def _judge(
    chosen: Mapping[UUID, Slot], table: Table, proposal: TogetherProposal, *, by: Actor, reason: str | None
) -> None:
    """Every rule against every choice beside all the others. Slots of the diary are never busy; others may be."""
    facts = {each.id: each for each in table.known}
    pairs = [(_as_unbooked(table.rows[id_], facts[id_]), slot.starts_at) for id_, slot in chosen.items()]
    against = conflicts(pairs, table.known, table.terms)
    offered = [each.slot for each in proposal.sessions]
    for id_, slot in chosen.items():
        clinic_id = table.course.clinic_id
        busy = [] if slot in offered else busy_refusals(slot, clinic_id, by_staff=by.is_staff, reasoned=bool(reason))
        against[id_] = [*against.get(id_, ()), *busy]
    found = _conflicts({id_: tuple(refusals) for id_, refusals in against.items() if refusals}, table, proposal)
    if found:
        raise NotTogether(found, proposal)


def _as_unbooked(row: Session, facts: SessionFacts) -> Unbooked:
    return Unbooked(facts, (row.earliest_on, row.latest_on), row.target_on)


def _conflicts(
    against: Mapping[UUID, tuple[Refusal, ...]], table: Table, proposal: TogetherProposal
) -> tuple[Conflict, ...]:
    instead = {each.session.id: _instead(each) for each in proposal.sessions}
    return tuple(Conflict(table.rows[id_], refusals, instead.get(id_, ())) for id_, refusals in against.items())


def _instead(each: ProposedSlot) -> tuple[Slot, ...]:
    return (*((each.slot,) if each.slot else ()), *each.alternatives)


def _take(chosen: Mapping[UUID, Slot], table: Table, *, now: datetime) -> None:
    """Every seat in one step."""
    taken = [(table.rows[id_], slot) for id_, slot in chosen.items()]
    if not taken:
        return
    with judged_by_database(min(slot.starts_at for _, slot in taken)), db.session.begin_nested():
        for session, slot in taken:
            set_time(session, slot, now=now)
        swap_seats(taken, now=now)
    here_again([session for session, _ in taken], now=now)


def _taken_meanwhile(chosen: Mapping[UUID, Slot], fresh: Table, taken: Refused) -> dict[UUID, tuple[Refusal, ...]]:
    """Whose seats somebody else has now; all of them where that cannot be told."""
    gone = {id_: slot for id_, slot in chosen.items() if not fresh.is_free(slot)} or chosen
    code = taken.refusals[0].code
    return {id_: (Refusal(code, {"starts_at": slot.starts_at}),) for id_, slot in gone.items()}
