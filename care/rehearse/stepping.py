"""From moment to moment: what happens, what is claimed, what a text changes?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from care.facts import (
    AnswerFacts,
    How,
    PatientFacts,
    SessionFacts,
    Step,
    ToldFacts,
    Value,
)
from care.kinds import KINDS, Load
from care.notices import notices
from care.pacing import TOGETHER, Bundle, ContactState, Fate, OpenQuestion, Pace, Waiting, in_induction, pace
from care.questions import QuestionWanted, questions
from care.rehearse.gates import gates
from care.rehearse.values import Rehearsal, Rehearsed, RehearsedTask, Unsaid
from care.rehearse.world import (
    Answering,
    Booking,
    always_yes,
    announced,
    booked,
    consented,
    following,
    invited,
    people_at,
    when_the_window_opens,
)
from care.reminders import Key, Wanted, reminders
from care.words.texts import Piece, compose


def rehearse(
    facts: PatientFacts,
    until: datetime,
    *,
    since: datetime | None = None,
    answers: Answering = always_yes,
    integration_at: Booking = when_the_window_opens,
    names: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
) -> Rehearsal:
    """Every text and task up to `until`. Dosing sessions come booked at their times; `names` and `links` fill the texts.

    `since` is for a course that is under way: what was due before then is taken as said, or already with a person.
    """
    course = _Course(facts, answers, integration_at, names or {}, links or {})
    if since is not None:
        course.begin(since)
    while (moment := course.next_moment()) is not None and moment <= until:
        course.live(moment)
    asked = course.asked.values()
    before = gates(asked, course.texts, course.facts.sessions, facts.clinic.zone, since)
    return Rehearsal(tuple(course.texts), tuple(course.tasks), tuple(course.unsaid), before)


@dataclass(slots=True)
class _Phone:
    """What one contact has had so far."""

    sent: list[tuple[datetime, Load]] = field(default_factory=list)
    open: OpenQuestion | None = None


@dataclass(slots=True)
class _Course:
    facts: PatientFacts
    answers: Answering
    integration_at: Booking
    names: Mapping[str, str]
    links: Mapping[str, str]
    texts: list[Rehearsed] = field(default_factory=list)
    tasks: list[RehearsedTask] = field(default_factory=list)
    unsaid: list[Unsaid] = field(default_factory=list)
    ended: set[Key] = field(default_factory=set)  # said, or never to be said
    held: dict[Key, datetime] = field(default_factory=dict)
    asked_about: set[tuple[UUID, int, Step, UUID]] = field(default_factory=set)  # questions that became tasks
    phones: dict[UUID, _Phone] = field(default_factory=dict)
    now: datetime | None = None
    asked: dict[tuple[UUID, int, Step, UUID], QuestionWanted] = field(default_factory=dict)  # ever
    known: tuple[PatientFacts, list[Wanted], list[QuestionWanted]] | None = None

    def begin(self, since: datetime) -> None:
        self.now = since
        self.ended.update(each.key for each in self._unended() if each.due_at < since or not each.lawful)
        self.asked_about.update(_question(each) for each in self._silences() if each.task_at < since)

    def next_moment(self) -> datetime | None:
        happens = [at for at, _ in self._happenings()]
        looks = [self._look_at(each) for each in self._wanted()]
        tasks = [each.task_at for each in self._silences()]
        soonest = min(happens + looks + tasks, default=None)
        return max(soonest, self.now) if soonest and self.now else soonest

    def live(self, now: datetime) -> None:
        self.now = now
        for at, after in self._happenings():
            if at <= now:
                self._replace(after)
        self._give_up_on_unlawful(now)
        while (contact_id := self._next_contact(now)) is not None:
            self._claim(contact_id, now)
            self._give_up_on_unlawful(now)
        for question in self._silences():
            if question.task_at <= now:
                self._raise_task(question, now)

    # What happens at the sessions

    def _happenings(self) -> list[tuple[datetime, SessionFacts]]:
        coming = (following(session) for session in self.facts.sessions)
        return sorted((each for each in coming if each), key=lambda each: (each[0], each[1].number))

    def _replace(self, session: SessionFacts) -> None:
        sessions = tuple(session if each.id == session.id else each for each in self.facts.sessions)
        self.facts = replace(self.facts, sessions=sessions)

    # What is due

    def _wanted(self) -> list[Wanted]:
        return [each for each in self._unended() if each.lawful]

    def _unended(self) -> list[Wanted]:
        everything, _ = self._by_the_rules()
        return [each for each in everything if each.key not in self.ended and each.person.contact_id is not None]

    def _by_the_rules(self) -> tuple[list[Wanted], list[QuestionWanted]]:
        """What these facts ask for, computed once for each change of the facts."""
        if self.known is None or self.known[0] is not self.facts:
            self.known = self.facts, [*reminders(self.facts), *notices(self.facts)], questions(self.facts)
            self.asked.update((_question(each), each) for each in self.known[2])
        return self.known[1:]

    def _give_up_on_unlawful(self, now: datetime) -> None:
        for each in self._unended():
            if not each.lawful:
                self._leave_unsaid(each, each.why["shifted"], now)
                self._call_about(each, each.why["shifted"], now)

    def _look_at(self, wanted: Wanted) -> datetime:
        return max(wanted.due_at, self.held.get(wanted.key, wanted.due_at))

    def _next_contact(self, now: datetime) -> UUID | None:
        due = (each.person.contact_id for each in self._wanted() if self._look_at(each) <= now)
        return min((each for each in due if each is not None), default=None)

    def _claim(self, contact_id: UUID, now: datetime) -> None:
        mine = {each.key: each for each in self._wanted() if each.person.contact_id == contact_id}
        soon = [_waiting(each) for each in mine.values() if each.due_at <= now + TOGETHER]
        decision = pace(self._state(contact_id), soon, now)
        self._keep(decision, mine, now)
        for bundle in decision.messages:
            self._send(bundle, contact_id, [mine[key] for key in bundle.reminder_ids if isinstance(key, Key)], now)

    def _state(self, contact_id: UUID) -> ContactState:
        person, *others = people_at(contact_id, self.facts)
        phone = self.phones.setdefault(contact_id, _Phone())
        return ContactState(
            id=contact_id,
            zone=person.zone,
            language=person.language,
            quiet=self.facts.clinic.quiet,
            caps=self.facts.clinic.caps,
            phase_is_induction=in_induction(self.facts),
            sent=tuple(phone.sent),
            open=phone.open,
            consented=consented(contact_id, self.facts),
            shared=bool(others),
        )

    def _keep(self, decision: Pace, mine: Mapping[Key, Wanted], now: datetime) -> None:
        for key, stay in decision.stays.items():
            if not isinstance(key, Key):
                continue
            if stay.until is not None:
                self.held[key] = stay.until
                continue
            self._leave_unsaid(mine[key], stay.reason, now)
            if stay.fate in (Fate.CALL, Fate.EXPIRED):
                self._call_about(mine[key], stay.reason, now)

    def _leave_unsaid(self, wanted: Wanted, reason: str, now: datetime) -> None:
        self.ended.add(wanted.key)
        self.unsaid.append(Unsaid(now, reason, wanted))

    def _call_about(self, wanted: Wanted, reason: str, now: datetime) -> None:
        session_id = next(iter(wanted.session_ids), None)
        self.tasks.append(RehearsedTask(now, reason, wanted.person.id, session_id))

    # What a text does

    def _send(self, bundle: Bundle, contact_id: UUID, said: Sequence[Wanted], now: datetime) -> None:
        phone, state = self.phones[contact_id], self._state(contact_id)
        self.texts.append(
            Rehearsed(
                now,
                contact_id,
                tuple(dict.fromkeys(each.person.id for each in said)),
                tuple(each.key.kind for each in said),
                self._body(said, state),
                tuple(said),
                bundle.load,
            )
        )
        self.ended.update(each.key for each in said)
        phone.sent.append((now, bundle.load))
        self._tell(said, now)
        if bundle.asks and bundle.gate is not None:
            took_over = bundle.takes_over is not None
            phone.open = OpenQuestion(bundle.reminder_ids, now, bundle.gate, bundle.asks, took_over)
            self._answer(contact_id, said, now)

    def _body(self, said: Sequence[Wanted], state: ContactState) -> str:
        return compose(
            [Piece(each.key.kind, each.person.part, each.key.repeat, each.fills) for each in said],
            clinic=self.facts.clinic,
            zone=state.zone,
            language=state.language,
            names=dict(self.names),
            links=dict(self.links),
            shared=state.shared,
            first=not state.sent,
            now=self.now,
        )

    def _tell(self, said: Iterable[Wanted], now: datetime) -> None:
        notices_said = [each for each in said if KINDS[each.key.kind].load is Load.CHANGE]
        told = [
            ToldFacts(each.person.id, session.id, session.version, announced(session), now)
            for each in notices_said
            for session in self.facts.sessions
            if session.id in each.session_ids
        ]
        self.facts = replace(self.facts, told=self.facts.told + tuple(told))

    def _answer(self, contact_id: UUID, said: Iterable[Wanted], now: datetime) -> None:
        heard = [
            AnswerFacts(ask.subject_id, ask.version, ask.step, each.person.id, value, How.TEXT, now, contact_id)
            for each in said
            for ask in each.asks
            if (value := self.answers(ask, each.person)) is not None
        ]
        if heard:
            self._hear(heard)
            self._choose_times(heard, now)
            self.phones[contact_id].open = None
            self._look_again(contact_id)

    def _hear(self, heard: Sequence[AnswerFacts]) -> None:
        supports = tuple(replace(each, state=invited(heard, each)) for each in self.facts.supports)
        answers = tuple(each for each in heard if each.step is not Step.INTEGRATION)
        self.facts = replace(self.facts, supports=supports, answers=self.facts.answers + answers)

    def _choose_times(self, heard: Iterable[AnswerFacts], now: datetime) -> None:
        """An integration session is answered for by having a time."""
        by_id = {each.id: each for each in self.facts.sessions}
        for answer in heard:
            session = by_id[answer.subject_id] if answer.step is Step.INTEGRATION else None
            if session and session.of_session_id and answer.value is Value.YES:
                self._replace(booked(session, self.integration_at(by_id[session.of_session_id], now), now))

    def _look_again(self, contact_id: UUID) -> None:
        mine = {each.key for each in self._unended() if each.person.contact_id == contact_id}
        self.held = {key: until for key, until in self.held.items() if key not in mine}

    # What nobody answered

    def _silences(self) -> list[QuestionWanted]:
        _, asked = self._by_the_rules()
        heard = {(each.subject_id, each.version, each.step, each.person_id) for each in self.facts.answers}
        return [each for each in asked if _question(each) not in heard | self.asked_about]

    def _raise_task(self, question: QuestionWanted, now: datetime) -> None:
        self.asked_about.add(_question(question))
        self.tasks.append(RehearsedTask(now, question.task_code, question.person.id, question.session_id))


def _waiting(wanted: Wanted) -> Waiting:
    return Waiting(
        id=wanted.key,
        kind=wanted.key.kind,
        person_id=wanted.person.id,
        part=wanted.person.part,
        repeat=wanted.key.repeat,
        due_at=wanted.due_at,
        not_before=wanted.not_before,
        not_after=wanted.not_after,
        fills=wanted.fills,
        asks=wanted.asks,
        gate=wanted.gate,
        says=wanted.key.says,
    )


def _question(question: QuestionWanted) -> tuple[UUID, int, Step, UUID]:
    return question.subject_id, question.version, question.step, question.person.id
