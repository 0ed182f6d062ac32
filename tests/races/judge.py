"""What does the database itself say afterwards? Plain SQL that knows none of our code."""

from sqlalchemy import create_engine, text

LANES = """
    SELECT count(*) FROM booking a JOIN booking b
    ON a.clinic_id = b.clinic_id AND a.resource_id = b.resource_id AND a.lane = b.lane AND a.id < b.id
    WHERE a.starts_at < b.ends_at AND b.starts_at < a.ends_at
"""
PATIENTS = """
    SELECT count(*) FROM session a JOIN session b
    ON a.clinic_id = b.clinic_id AND a.patient_id = b.patient_id AND a.id < b.id
    WHERE a.status IN ('booked', 'arrived', 'dosed') AND b.status IN ('booked', 'arrived', 'dosed')
    AND coalesce(a.arrive_at, a.starts_at) < b.ends_at AND coalesce(b.arrive_at, b.starts_at) < a.ends_at
"""
SEATLESS = """
    SELECT count(*) FROM session s WHERE s.status = 'booked' AND s.kind = 'dosing'
    AND (SELECT count(*) FROM booking b WHERE b.session_id = s.id AND b.held_until IS NULL) <> :needs
"""


def overlaps(url: str) -> dict[str, int]:
    """How many pairs of bookings share a lane, and of sessions share a patient: both must be none."""
    return {"lanes": count(url, LANES), "patients": count(url, PATIENTS)}


def half_taken(url: str, needs: int) -> int:
    """How many booked doses do not hold each of the resources they need."""
    return count(url, SEATLESS, needs=needs)


def count(url: str, query: str, **known: object) -> int:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text(query), known).scalar_one())
    finally:
        engine.dispose()
