"""How is what goes written down? The messages of one batch, gathered and written in two statements."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, update

from actions.texts.claiming.due import Round
from actions.texts.claiming.put import put
from actions.texts.claiming.stays import call_all
from actions.texts.contacts import Hearer
from actions.texts.send import Claimed
from actions.texts.words import Words
from care.pacing import Bundle, ContactState, Pace
from models import Contact, Message, Purpose, Reminder, Stage, db
from models.columns import uuid7

log = logging.getLogger(__name__)


class Written:
    """The messages of one batch and what they were composed of."""

    def __init__(self, moment: Round, people: Mapping[UUID, list[Hearer]], base_url: str) -> None:
        self.moment = moment
        self.words = Words(moment.clinic, people, base_url, moment.now)
        self.messages: list[dict[str, Any]] = []
        self.claims: list[Claimed] = []

    def add(self, contact: Contact, state: ContactState, decision: Pace, rows: Mapping[UUID, Row[Any]]) -> None:
        first = contact.greeted_at is None and self.moment.sender.purpose == Purpose.CARE
        for bundle in decision.messages:
            pieces = [rows[id_] for id_ in bundle.reminder_ids if isinstance(id_, UUID)]
            for patient_id in dict.fromkeys(row.patient_id for row in pieces):
                mine = [row for row in pieces if row.patient_id == patient_id]
                self._text(contact, state, bundle, mine, first=first)
                first = False

    def _text(
        self, contact: Contact, state: ContactState, bundle: Bundle, pieces: Sequence[Row[Any]], *, first: bool
    ) -> None:
        """One text speaks of one patient, whose name may be in it, also where a phone hears about two."""
        message_id, patient_id = uuid7(), pieces[0].patient_id
        try:
            body, segments = self.words.body(message_id, contact, pieces, shared=state.shared, first=first)
        except Exception:  # one text that cannot be written must not keep all others back
            log.exception("a text has no words", extra={"reminder_ids": [str(row.id) for row in pieces]})
            call_all(pieces, "it could not be put into words", self.moment.now)
            return
        asking = [row for row in pieces if row.asks]
        question = put(contact, bundle, asking, self.moment.now) if asking else None
        self.messages.append(
            {
                "clinic_id": contact.clinic_id,
                "id": message_id,
                "contact_id": contact.id,
                "patient_id": patient_id,
                "sender_id": self.moment.sender.id,
                "body_sealed": body,
                "segments": segments,
                "load": bundle.load,
                "stage": Stage.CLAIMED,
                "not_after": min(row.not_after for row in pieces),
                "made_at": self.moment.now,
                "claim": uuid7(),
                "lease_until": self.moment.lease_until,
                "looks": 0,
                "question_id": question.id if question else None,
            }
        )
        ids = tuple(row.id for row in pieces)
        self.claims.append(Claimed(contact.clinic_id, patient_id, message_id, self.messages[-1]["claim"], ids))

    def flush(self) -> tuple[Claimed, ...]:
        if self.messages:
            self.words.write_links()
            db.session.execute(insert(Message), self.messages)
            db.session.execute(
                update(Reminder),
                [
                    {"clinic_id": each.clinic_id, "id": id_, "stage": Stage.CLAIMED, "message_id": each.message_id}
                    for each in self.claims
                    for id_ in each.reminder_ids
                ],
            )
        db.session.flush()
        return tuple(self.claims)
