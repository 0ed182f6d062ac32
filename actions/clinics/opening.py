"""How does a clinic come to be? With its people, what its sessions need, the hours of both, and its senders."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import available_timezones

from sqlalchemy import select

from actions.clinics.setting_up import name_on_call, switch_safety_check
from actions.courses.enrol import adopt_shipped
from actions.record import Verb, note, system
from care.protocols import shipped
from care.words.lint import errors, lint
from models import Availability, Clinic, OtherHours, Purpose, Resource, Sender, Staff, Transport, db


class NotOpened(ValueError):
    """Everything that speaks against a clinic like this, each in a sentence."""

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = tuple(complaints)
        super().__init__(" ".join(complaints))


@dataclass(frozen=True, slots=True)
class Hours:
    """Open on these weekdays (Monday 0) from `opens` until `closes`, in the clinic's local time."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class OtherDay:
    """What holds on one date instead of the weekly hours: open from `opens` until `closes`, or closed when both are None."""

    on: date
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, slots=True)
class Resourced:
    """`address`: where to go, when it is not the clinic's own rooms; `online`: by video.

    `busy_feed`: the address of a calendar whose times count as taken.
    """

    kind: str
    name: str
    hours: tuple[Hours, ...]
    lanes: int = 1
    address: str | None = None
    online: bool = False
    busy_feed: str | None = None
    others: tuple[OtherDay, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A provider's account; None of it for the phones of a demonstration."""

    transport: Transport
    sid: str = ""
    messaging_service_sid: str = ""
    auth_token: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What a clinic begins with. Numbers are E.164; `phone` is written as people read it in texts."""

    short_name: str
    zone: str
    phone: str
    staff: tuple[tuple[str, str], ...]  # role, name
    resources: tuple[Resourced, ...]
    on_call: tuple[tuple[str, str], ...] = ()  # name, number; the first switches the safety check on
    language: str = "en"
    crisis_text: dict[str, str] = field(default_factory=dict)  # language -> the clinic's own words
    late_change: dict[str, str] = field(default_factory=dict)  # language -> rule and price, quoted before a change
    freeze_hours: int | None = None  # patients change nothing nearer than this; None: as usual


def open_clinic(opening: Opening, account: Account, *, now: datetime) -> Clinic:
    """Write the clinic with all it begins with. Raises `NotOpened` with every complaint."""
    complaints = list(_complaints(opening))
    if complaints:
        raise NotOpened(complaints)
    clinic = Clinic(
        short_name=opening.short_name,
        zone=opening.zone,
        language=opening.language,
        phone=opening.phone,
        settings=_settings(opening),
        crisis_text=opening.crisis_text,
    )
    db.session.add(clinic)
    db.session.flush()
    _staff_it(clinic, opening)
    _connect(clinic, account)
    for protocol in shipped():
        adopt_shipped(clinic, protocol)
    note(Verb.OPEN_CLINIC, by=system(clinic.id), now=now, subject_id=clinic.id)
    _page_somebody(clinic, opening, now)
    return clinic


def _settings(opening: Opening) -> dict[str, object]:
    """What a clinic says of itself; what it leaves out is as usual."""
    said = {"late_change": opening.late_change or None, "freeze_hours": opening.freeze_hours}
    return {name: value for name, value in said.items() if value is not None}


def _complaints(opening: Opening) -> list[str]:
    said = []
    if opening.zone not in available_timezones():
        said.append(f"{opening.zone} is no time zone of the IANA database.")
    if db.session.scalar(select(Clinic.id).where(Clinic.short_name == opening.short_name)) is not None:
        said.append(f"There is a clinic called {opening.short_name} already.")
    private = errors(lint(opening.short_name, language=opening.language))
    said += [f"The short name stands in every text and must not say {found.word}." for found in private]
    for language, words in opening.crisis_text.items():
        private = errors(lint(words, language=language, crisis=True))
        said += [f"The crisis text ({language}) must not say {found.word}." for found in private]
    if not any(role == "coordinator" for role, _ in opening.staff):
        said.append("Somebody has to be coordinator: tasks are theirs.")
    return said


def _staff_it(clinic: Clinic, opening: Opening) -> None:
    db.session.add_all(Staff(clinic_id=clinic.id, role=role, name=name) for role, name in opening.staff)
    for each in opening.resources:
        resource = Resource(
            clinic_id=clinic.id,
            kind=each.kind,
            name=each.name,
            lanes=each.lanes,
            address=each.address,
            online=each.online,
            busy_feed=each.busy_feed,
        )
        db.session.add(resource)
        db.session.flush()
        _set_hours(resource, each)


def _set_hours(resource: Resource, said: Resourced) -> None:
    mine = {"clinic_id": resource.clinic_id, "resource_id": resource.id}
    db.session.add_all(
        Availability(**mine, weekday=weekday, opens=hours.opens, closes=hours.closes)
        for hours in said.hours
        for weekday in hours.weekdays
    )
    db.session.add_all(
        OtherHours(**mine, on_date=other.on, opens=other.opens, closes=other.closes) for other in said.others
    )


def _connect(clinic: Clinic, account: Account) -> None:
    """One sender for care and one for login codes: STOP to reminders must not lock anyone out."""
    for purpose in Purpose:
        db.session.add(
            Sender(
                clinic_id=clinic.id,
                purpose=purpose,
                transport=account.transport,
                account_sid=account.sid,
                messaging_service_sid=account.messaging_service_sid,
                auth_token=account.auth_token,
            )
        )


def _page_somebody(clinic: Clinic, opening: Opening, now: datetime) -> None:
    by = system(clinic.id)
    for name, number in opening.on_call:
        name_on_call(clinic, name, number, by=by, now=now)
    if opening.on_call:
        switch_safety_check(clinic, on=True, by=by, now=now)
