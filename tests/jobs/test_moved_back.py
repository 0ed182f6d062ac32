"""Does everyone end up knowing the time that holds, also when a visit moves back while its news is on the way?"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from actions.sessions.move import move, preview
from actions.sessions.offer import offered
from models import Outcome, Session, Stage, Told, db
from models.clock import machine_now
from tests.jobs.fake_provider import NEVER_TAKEN, RESET, provider
from tests.jobs.sending import Scene, on_the_wire, reasons, reminders, texts

MINUTES = timedelta(minutes=3)


@pytest.fixture
def fake():
    with provider() as fake:
        yield fake


@pytest.fixture
def scene(database, fake):
    with on_the_wire(database, fake) as scene:
        yield scene


@pytest.fixture
def visit(scene, fake):
    """Ada's first dose, which she was told of."""
    first, *_ = scene.harbor.book_all(scene.enrol(), now=scene.now)
    scene.send(after=MINUTES)
    fake.taken.clear()
    fake.posts.clear()
    return first.clinic_id, first.id, first.starts_at


def move_to(scene: Scene, visit, at) -> None:
    session = db.session.get_one(Session, visit[:2])
    free = offered(session, at, at + timedelta(hours=1), by=scene.harbor.cora, now=scene.now)
    slot = next(slot for slot, refused in free if not refused and slot.starts_at == at)
    plan = preview(session, slot, by=scene.harbor.cora, now=scene.now)
    move(session, slot, plan.token, by=scene.harbor.cora, reason="the chair broke", now=scene.now)
    db.session.commit()


def there_and_back_while_it_is_posted(scene: Scene, fake, visit) -> None:
    """The visit moves by a day; while the provider is called with that, it moves back."""
    _, _, at = visit

    def back(_taken):
        fake.before_answer = None
        with scene.app.app_context():
            move_to(scene, visit, at)
            db.session.remove()

    move_to(scene, visit, at + timedelta(days=1))
    fake.before_answer = back
    scene.send(after=MINUTES)


def last_told(visit):
    db.session.expire_all()
    told = select(Told).where(Told.session_id == visit[1]).order_by(Told.at, Told.id)
    return db.session.scalars(told).all()[-1].starts_at


def test_a_visit_that_moves_back_while_its_notice_is_sent_is_told_again(scene, fake, visit):
    there_and_back_while_it_is_posted(scene, fake, visit)
    assert last_told(visit) != visit[2]
    scene.send(after=MINUTES)
    assert len(fake.taken) == 2
    assert last_told(visit) == visit[2]


def test_news_that_was_refused_is_not_corrected(scene, fake, visit):
    """The provider took nothing in, and the time that holds is the one she knows."""
    move_to(scene, visit, visit[2] + timedelta(days=1))
    fake.script = ["429"]
    scene.send(after=MINUTES)
    move_to(scene, visit, visit[2])
    scene.send(after=MINUTES)
    assert fake.taken == []
    assert last_told(visit) == visit[2]


def test_a_visit_that_moves_back_while_its_notice_is_in_doubt_is_told_at_once(scene, fake, visit):
    move_to(scene, visit, visit[2] + timedelta(days=1))
    fake.script = [RESET]
    scene.send(after=MINUTES)
    assert texts()[-1].stage == Stage.UNCONFIRMED
    move_to(scene, visit, visit[2])
    scene.send(after=MINUTES)
    assert len(fake.taken) == 2


def test_a_delivery_that_comes_after_it_was_given_up_counts_as_told(scene, fake, visit):
    move_to(scene, visit, visit[2] + timedelta(days=1))
    fake.script = [RESET]
    fake.blind = True
    scene.send(after=MINUTES)
    for _ in range(2):
        scene.look(machine_now() + timedelta(hours=1))
    (given_up,) = [each for each in texts() if each.outcome == Outcome.UNCONFIRMED]
    assert given_up.sent_at is None
    move_to(scene, visit, visit[2])
    scene.receipt(fake.taken[0], "delivered")
    assert last_told(visit) == visit[2] + timedelta(days=1)
    assert next(each for each in texts() if each.id == given_up.id).sent_at == scene.now
    scene.send(after=MINUTES)
    assert last_told(visit) == visit[2]
    assert "not_told" not in reasons()


def test_a_lost_notice_that_never_arrived_is_for_a_person(scene, fake, visit):
    move_to(scene, visit, visit[2] + timedelta(days=1))
    fake.script = [NEVER_TAKEN]
    scene.send(after=MINUTES)
    for _ in range(2):
        scene.look(machine_now() + timedelta(hours=1))
    assert "not_told" in reasons()
    assert [each.outcome for each in reminders("change_notice")] == [Outcome.UNCONFIRMED]
