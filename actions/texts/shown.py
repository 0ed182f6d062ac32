"""What may staff read of a text? All of it, except the code that would sign them in as the patient."""

import re
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from models import Message, Reminder, db

CODE = re.compile(r"[0-9]{8}")
HIDDEN = "********"


def bodies_for_staff(clinic_id: UUID, messages: Iterable[Message]) -> dict[UUID, str]:
    """The body by message, in one question for all; a login code in it is hidden, before and after it was used."""
    rows = list(messages)
    with_code = select(Reminder.message_id).where(
        Reminder.clinic_id == clinic_id,
        Reminder.kind == "login_code",
        Reminder.message_id.in_([row.id for row in rows]),
    )
    secret = set(db.session.scalars(with_code))
    return {row.id: CODE.sub(HIDDEN, row.body) if row.id in secret else row.body for row in rows}
