"""When something breaks on our side, is it said plainly, without a word about anybody, and is nothing half-written?"""

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

import api.routes.courses.enrolling as door
from actions.courses.enrol import enrol
from models import Course, IdempotencyKey, Patient, db

WISH = {
    "patient": {"name": "Bo Sample", "number": "+12125550120", "consented": True},
    "protocol": "iv_6",
    "starts_on": "2027-02-01",
}


@pytest.fixture
def breaks(cast, monkeypatch):
    """Enrolling writes everything and then raises this."""

    def with_(fault):
        def enrol_and_break(*args, **kwargs):
            enrol(*args, **kwargs)
            raise fault

        monkeypatch.setattr(door, "enrol", enrol_and_break)

    return with_


@pytest.mark.parametrize(
    ("fault", "status", "kind", "again"),
    [
        (OperationalError("select", {}, Exception("server closed the connection")), 503, "unavailable", "2"),
        (
            IntegrityError("insert", {}, Exception("duplicate key value violates unique constraint")),
            503,
            "unavailable",
            "2",
        ),
        (IntegrityError("insert", {}, Exception("booking_no_lane_twice")), 409, "refused", None),
        (IntegrityError("insert", {}, Exception("session_no_patient_twice")), 409, "refused", None),
        (StaleDataError("0 rows matched"), 412, "stale", None),
        (RuntimeError("while writing +12125550120"), 500, "fault", None),
        (IntegrityError("insert", {}, Exception("CHECK +12125550120")), 500, "fault", None),
    ],
    ids=lambda word: type(word).__name__ if isinstance(word, Exception) else None,
)
def test_a_fault_is_told_and_leaves_nothing_behind(app, cast, breaks, fault, status, kind, again):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    breaks(fault)
    answer = cast.cora.post("/v1/courses", WISH)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == f"urn:steadfast:problem:{kind}"
    assert answer.headers.get("Retry-After") == again
    assert "2125550120" not in answer.get_data(as_text=True)
    assert [db.session.query(table).count() for table in (Patient, Course, IdempotencyKey)] == [2, 2, 0]
