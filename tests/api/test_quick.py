"""Is what is written quickly just what its documented shape would write?"""

import json

from api.contract.voice import speak
from api.quick import answer_of, only, shown
from api.shapes.sessions import SessionShown
from models import Session, db


def test_rows_read_as_columns_are_told_as_their_shape_tells_them(cast, app):
    cast.home.book_all(cast.course)
    with app.test_request_context():
        speak("America/New_York", "es")
        rows = db.session.scalars(db.select(Session).order_by(Session.id)).all()
        assert any(row.starts_at for row in rows)
        said = SessionShown(many=True).dump(rows)
        quick = db.session.execute(only(db.select(Session).order_by(Session.id), SessionShown, Session)).all()
        told = json.loads(answer_of({"items": [shown(SessionShown, row) for row in quick]}).data)
        assert told["items"] == said
