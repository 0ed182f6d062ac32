"""Which words does a claimed text have? Pieces, names and links put together at the last moment, and sealed."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select

from actions.courses.rehearse import first_name
from actions.texts.contacts import Hearer
from care.facts import ClinicFacts, Part
from care.words.lint import errors, lint
from care.words.segments import segments
from care.words.texts import Piece, compose
from models import Clinic, Contact, Link, LinkPurpose, LoginCode, Patient, db
from models.sealed import keyed_digest, seal

LINKS_LAST = timedelta(days=14)


class Unsayable(ValueError):
    """The text would show others what is nobody's business."""


class Words:
    """What the texts of one batch may name, read once."""

    def __init__(self, clinic: ClinicFacts, people: Mapping[UUID, list[Hearer]], base_url: str, now: datetime) -> None:
        self.clinic, self.base_url, self.now = clinic, base_url, now
        self.crisis_text: dict[str, str] = db.session.get_one(Clinic, clinic.id).crisis_text
        self.names = _names(clinic.id, {each.patient_id for there in people.values() for each in there})
        self.links: list[dict[str, Any]] = []

    def body(
        self, message_id: UUID, contact: Contact, pieces: Sequence[Row[Any]], *, shared: bool, first: bool
    ) -> tuple[bytes, int]:
        """The sealed text and how many segments it is charged as. Raises `Unsayable` for what must not be read by others."""
        text = compose(
            [Piece(row.kind, Part(row.part), row.repeat, row.fills) for row in pieces],
            clinic=self.clinic,
            zone=contact.zone,
            language=contact.language,
            names=self._names(contact, pieces),
            links=self._links(pieces),
            shared=shared,
            first=first,
            now=self.now,
        )
        self._refuse_private(text, contact, pieces, first=first)
        return seal("message", "body_sealed", contact.clinic_id, message_id, text), segments(text).count

    def _refuse_private(self, text: str, contact: Contact, pieces: Sequence[Row[Any]], *, first: bool) -> None:
        """The last look at a text before it goes; a crisis text was judged when the clinic saved it, and is never kept back."""
        if any(row.kind == "crisis_text" for row in pieces):
            return
        full_name = self.names[pieces[0].patient_id]
        found = errors(lint(text, language=contact.language, allow_opt_out=first, names=[full_name]))
        if found:
            raise Unsayable(", ".join(finding.why for finding in found))

    def write_links(self) -> None:
        if self.links:
            db.session.execute(insert(Link), self.links)
            self.links = []

    def _names(self, contact: Contact, pieces: Sequence[Row[Any]]) -> dict[str, str]:
        names = {"patient": first_name(self.names[pieces[0].patient_id])}
        if own := self.crisis_text.get(contact.language):
            names["crisis_text"] = own
        for row in pieces:
            if row.kind == "login_code":
                names["code"] = LoginCode.digits(row.subject_id)
        return names

    def _links(self, pieces: Iterable[Row[Any]]) -> dict[str, str]:
        """One-question pages that go with these texts."""
        links = {}
        for row in pieces:
            if row.kind == "integration_book" and row.asks:
                links["integration"] = self._link(
                    LinkPurpose.INTEGRATION, UUID(row.asks[0]["subject_id"]), row.person_id
                )
            if row.kind == "support_invite" and row.part == Part.SUPPORT:
                links["invite"] = self._link(LinkPurpose.INVITATION, row.subject_id, row.person_id)
        return links

    def _link(self, purpose: LinkPurpose, subject_id: UUID, person_id: UUID) -> str:
        token = secrets.token_urlsafe(16)
        self.links.append(
            {
                "digest": keyed_digest("link", token.encode()),
                "clinic_id": self.clinic.id,
                "purpose": purpose,
                "subject_id": subject_id,
                "person_id": person_id,
                "expires_at": self.now + LINKS_LAST,
            }
        )
        return f"{self.base_url}/go/{token}"


def _names(clinic_id: UUID, patient_ids: set[UUID]) -> dict[UUID, str]:
    patients = db.session.scalars(select(Patient).where(Patient.clinic_id == clinic_id, Patient.id.in_(patient_ids)))
    return {patient.id: patient.name for patient in patients}
