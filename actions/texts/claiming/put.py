"""Which question does a text put, and what becomes of the one that was open there?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from actions.texts.claiming.phones import ASKED, asked_at
from care.pacing import Bundle, OpenQuestion, takeover_until
from care.pacing.values import HARDNESS
from care.protocol import Gate
from models import Contact, Question, QuestionState, db


def put(contact: Contact, bundle: Bundle, asking: Sequence[Row[Any]], now: datetime) -> Question | None:
    """Open the question that this text asks, joined by what the same digit answers; the contact's other one lapses.

    The unique key on open questions is the judge.
    """
    rows = _questions(contact.clinic_id, asking)
    for other in asked_at(contact.clinic_id, [contact])[contact.id]:
        other.state, other.leader_id = QuestionState.LAPSED, None
    db.session.flush()
    if not rows:
        return None
    leader, *joined = sorted(rows, key=lambda each: -HARDNESS[Gate(each.gate)])
    leader.state, leader.leader_id, leader.contact_id, leader.asked_at = QuestionState.OPEN, None, contact.id, now
    db.session.flush()
    for question in joined:
        question.state, question.leader_id = QuestionState.JOINED, leader.id
        question.contact_id, question.asked_at = contact.id, now
    took_over = OpenQuestion(leader.id, now, Gate(leader.gate), (), took_over=bundle.takes_over is not None)
    contact.takeover_until = takeover_until(took_over)
    db.session.flush()
    return leader


def _questions(clinic_id: UUID, asking: Sequence[Row[Any]]) -> list[Question]:
    """The unanswered questions behind these reminders, in the order in which they are asked."""
    wanted = [
        (row.person_id, UUID(said["subject_id"]), said["version"], said["step"]) for row in asking for said in row.asks
    ]
    found = select(Question).where(
        Question.clinic_id == clinic_id,
        Question.person_id.in_({person_id for person_id, *_ in wanted}),
        Question.state.in_((QuestionState.PLANNED, QuestionState.LAPSED, *ASKED)),
    )
    rows = {(each.person_id, each.subject_id, each.version, each.step): each for each in db.session.scalars(found)}
    return [rows[key] for key in dict.fromkeys(wanted) if key in rows]
