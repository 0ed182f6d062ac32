"""The tables, keys and guards that the main job needs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


GUARDS = {
    "postgresql": (
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        "ALTER TABLE booking ADD CONSTRAINT booking_no_lane_twice EXCLUDE USING gist (clinic_id WITH =, "
        "resource_id WITH =, lane WITH =, tstzrange(starts_at, ends_at) WITH &&)",
        "ALTER TABLE session ADD CONSTRAINT session_no_patient_twice EXCLUDE USING gist (clinic_id WITH "
        "=, patient_id WITH =, tstzrange(coalesce(arrive_at, starts_at), ends_at) WITH &&) WHERE (status "
        "IN ('booked', 'arrived', 'dosed'))",
        "CREATE FUNCTION record_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
        "EXCEPTION 'record_entry is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE TRIGGER record_entry_append_only BEFORE UPDATE OR DELETE ON record_entry FOR EACH ROW "
        "EXECUTE FUNCTION record_entry_append_only()",
        "CREATE TRIGGER record_entry_append_only_truncate BEFORE TRUNCATE ON record_entry FOR EACH "
        "STATEMENT EXECUTE FUNCTION record_entry_append_only()",
        "CREATE FUNCTION consent_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
        "EXCEPTION 'consent_event is append-only' USING ERRCODE = 'integrity_constraint_violation'; END "
        "$$",
        "CREATE TRIGGER consent_event_append_only BEFORE UPDATE OR DELETE ON consent_event FOR EACH ROW "
        "EXECUTE FUNCTION consent_event_append_only()",
        "CREATE TRIGGER consent_event_append_only_truncate BEFORE TRUNCATE ON consent_event FOR EACH "
        "STATEMENT EXECUTE FUNCTION consent_event_append_only()",
    ),
    "sqlite": (
        "CREATE TRIGGER booking_no_lane_twice_insert BEFORE INSERT ON booking BEGIN SELECT RAISE(ABORT, "
        "'booking_no_lane_twice') FROM booking AS other WHERE other.clinic_id = NEW.clinic_id AND "
        "other.resource_id = NEW.resource_id AND other.lane = NEW.lane AND other.id <> NEW.id AND "
        "other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at; END",
        "CREATE TRIGGER booking_no_lane_twice_update BEFORE UPDATE ON booking BEGIN SELECT RAISE(ABORT, "
        "'booking_no_lane_twice') FROM booking AS other WHERE other.clinic_id = NEW.clinic_id AND "
        "other.resource_id = NEW.resource_id AND other.lane = NEW.lane AND other.id <> NEW.id AND "
        "other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at; END",
        "CREATE TRIGGER session_no_patient_twice_insert BEFORE INSERT ON session WHEN NEW.status IN "
        "('booked', 'arrived', 'dosed') BEGIN SELECT RAISE(ABORT, 'session_no_patient_twice') FROM "
        "session AS other WHERE other.clinic_id = NEW.clinic_id AND other.patient_id = NEW.patient_id AND "
        "other.id <> NEW.id AND coalesce(other.arrive_at, other.starts_at) < NEW.ends_at AND "
        "coalesce(NEW.arrive_at, NEW.starts_at) < other.ends_at AND other.status IN ('booked', 'arrived', "
        "'dosed'); END",
        "CREATE TRIGGER session_no_patient_twice_update BEFORE UPDATE ON session WHEN NEW.status IN "
        "('booked', 'arrived', 'dosed') BEGIN SELECT RAISE(ABORT, 'session_no_patient_twice') FROM "
        "session AS other WHERE other.clinic_id = NEW.clinic_id AND other.patient_id = NEW.patient_id AND "
        "other.id <> NEW.id AND coalesce(other.arrive_at, other.starts_at) < NEW.ends_at AND "
        "coalesce(NEW.arrive_at, NEW.starts_at) < other.ends_at AND other.status IN ('booked', 'arrived', "
        "'dosed'); END",
        "CREATE TRIGGER record_entry_append_only_update BEFORE UPDATE ON record_entry BEGIN SELECT "
        "RAISE(ABORT, 'record_entry is append-only'); END",
        "CREATE TRIGGER record_entry_append_only_delete BEFORE DELETE ON record_entry BEGIN SELECT "
        "RAISE(ABORT, 'record_entry is append-only'); END",
        "CREATE TRIGGER consent_event_append_only_update BEFORE UPDATE ON consent_event BEGIN SELECT "
        "RAISE(ABORT, 'consent_event is append-only'); END",
        "CREATE TRIGGER consent_event_append_only_delete BEFORE DELETE ON consent_event BEGIN SELECT "
        "RAISE(ABORT, 'consent_event is append-only'); END",
    ),
}


def upgrade() -> None:
    op.create_table(
        "clinic",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("short_name", sa.String(length=24), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=24), nullable=False),
        sa.Column("crisis_text", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("safety_on_call_id", sa.Uuid(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic")),
    )
    op.create_table(
        "demo_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ahead_seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_clock")),
    )
    op.create_table(
        "calendar_link",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("reader", sa.String(length=40), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reader IN ('patient', 'support', 'resource')", name=op.f("ck_calendar_link_reader_is_known")
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_calendar_link_clinic_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_calendar_link")),
    )
    with op.batch_alter_table("calendar_link", schema=None) as batch_op:
        batch_op.create_index("ix_calendar_link_reader", ["clinic_id", "reader_id"], unique=False)

    op.create_table(
        "contact",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unusable_why", sa.String(length=40), nullable=True),
        sa.Column("greeted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("takeover_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(number_index) = 32", name=op.f("ck_contact_number_index_is_a_digest")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_contact_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_contact")),
        sa.UniqueConstraint("clinic_id", "number_index", name=op.f("uq_contact_clinic_id_number_index")),
    )
    op.create_table(
        "endpoint",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("old_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=40), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name=op.f("ck_endpoint_ended_says_why")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_endpoint_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_endpoint")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_idempotency_key_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_idempotency_key")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index("ix_idempotency_key_made_at", ["made_at"], unique=False)
        batch_op.create_index("uq_idempotency_key_actor_key", ["clinic_id", "actor", "key"], unique=True)

    op.create_table(
        "link",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('integration', 'invitation')", name=op.f("ck_link_purpose_is_known")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_link_clinic_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_link")),
    )
    op.create_table(
        "on_call",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_on_call_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_on_call")),
        sa.UniqueConstraint("clinic_id", "position", name=op.f("uq_on_call_clinic_id_position")),
    )
    op.create_table(
        "refresh_token",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("actor_kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_refresh_token_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_refresh_token_digest")),
    )
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.create_index("ix_refresh_token_family", ["clinic_id", "family_id"], unique=False)

    op.create_table(
        "resource",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("lanes", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("busy_feed_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("busy_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("busy_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("busy_wrong", sa.String(length=40), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('chair', 'clinician', 'monitor', 'therapist', 'guide')", name=op.f("ck_resource_kind_is_known")
        ),
        sa.CheckConstraint("lanes BETWEEN 1 AND 50", name=op.f("ck_resource_lanes_in_range")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_resource_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_resource")),
    )
    op.create_table(
        "sender",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("transport", sa.String(length=40), nullable=False),
        sa.Column("account_sid", sa.String(length=34), nullable=False),
        sa.Column("messaging_service_sid", sa.String(length=34), nullable=False),
        sa.Column("auth_token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("segments_per_second", sa.Float(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_why", sa.String(length=200), nullable=True),
        sa.CheckConstraint("purpose IN ('care', 'login')", name=op.f("ck_sender_purpose_is_known")),
        sa.CheckConstraint(
            "transport = 'phones' OR (account_sid <> '' AND messaging_service_sid <> '' AND auth_token_sealed IS NOT NULL)",
            name=op.f("ck_sender_twilio_is_complete"),
        ),
        sa.CheckConstraint("transport IN ('phones', 'twilio')", name=op.f("ck_sender_transport_is_known")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_sender_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_sender_clinic_id_id")),
        sa.UniqueConstraint("clinic_id", "purpose", name=op.f("uq_sender_clinic_id_purpose")),
    )
    op.create_table(
        "staff",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("signed_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('coordinator', 'clinician')", name=op.f("ck_staff_role_is_known")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_staff_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_staff")),
    )
    op.create_table(
        "availability",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("opens < closes", name=op.f("ck_availability_hours_run_forward")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_availability_weekday_in_range")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "resource_id"],
            ["resource.clinic_id", "resource.id"],
            name=op.f("fk_availability_clinic_id_resource_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_availability_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_availability")),
    )
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.create_index("ix_availability_resource", ["clinic_id", "resource_id"], unique=False)

    op.create_table(
        "busy_time",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_busy_time_times_run_forward")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "resource_id"],
            ["resource.clinic_id", "resource.id"],
            name=op.f("fk_busy_time_clinic_id_resource_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_busy_time_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_busy_time")),
    )
    with op.batch_alter_table("busy_time", schema=None) as batch_op:
        batch_op.create_index("ix_busy_time_resource", ["clinic_id", "resource_id", "starts_at"], unique=False)

    op.create_table(
        "closure",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_closure_times_run_forward")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "resource_id"],
            ["resource.clinic_id", "resource.id"],
            name=op.f("fk_closure_clinic_id_resource_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_closure_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_closure")),
    )
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.create_index("ix_closure_day", ["clinic_id", "starts_at"], unique=False)

    op.create_table(
        "consent_event",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("wording", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("topic IN ('care', 'login')", name=op.f("ck_consent_event_topic_is_known")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_id"],
            ["contact.clinic_id", "contact.id"],
            name=op.f("fk_consent_event_clinic_id_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_consent_event_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_consent_event")),
    )
    op.create_table(
        "other_hours",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=True),
        sa.Column("closes", sa.Time(), nullable=True),
        sa.CheckConstraint("(opens IS NULL) = (closes IS NULL)", name=op.f("ck_other_hours_both_or_closed")),
        sa.CheckConstraint("opens < closes", name=op.f("ck_other_hours_hours_run_forward")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "resource_id"],
            ["resource.clinic_id", "resource.id"],
            name=op.f("fk_other_hours_clinic_id_resource_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_other_hours_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_other_hours")),
        sa.UniqueConstraint(
            "clinic_id",
            "resource_id",
            "on_date",
            "opens",
            name=op.f("uq_other_hours_clinic_id_resource_id_on_date_opens"),
        ),
    )
    op.create_table(
        "patient",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("change_no", sa.Integer(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("external_ref", sa.String(length=80), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_id"],
            ["contact.clinic_id", "contact.id"],
            name=op.f("fk_patient_clinic_id_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_patient_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_patient")),
        sa.UniqueConstraint("clinic_id", "external_ref", name=op.f("uq_patient_clinic_id_external_ref")),
    )
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.create_index(
            "ix_patient_stale",
            ["clinic_id", "id"],
            unique=False,
            sqlite_where=sa.text("stale"),
            postgresql_where=sa.text("stale"),
        )

    op.create_table(
        "protocol",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(length=40), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("resolved", sa.JSON(), nullable=False),
        sa.Column("safety", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_protocol_clinic_id_staff_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_protocol_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_protocol")),
        sa.UniqueConstraint("clinic_id", "name", "version", name=op.f("uq_protocol_clinic_id_name_version")),
    )
    op.create_table(
        "receipt",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("interpreted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "sender_id"],
            ["sender.clinic_id", "sender.id"],
            name=op.f("fk_receipt_clinic_id_sender_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_receipt_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_receipt")),
        sa.UniqueConstraint(
            "sender_id", "sid", "status", "error_code", name=op.f("uq_receipt_sender_id_sid_status_error_code")
        ),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(
            "ix_receipt_new",
            ["received_at"],
            unique=False,
            sqlite_where=sa.text("interpreted_at IS NULL"),
            postgresql_where=sa.text("interpreted_at IS NULL"),
        )

    op.create_table(
        "call",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("change_no", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard", sa.Boolean(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (heard IS NULL)", name=op.f("ck_call_ended_says_how")),
        sa.CheckConstraint("(patient_id IS NULL) = (change_no IS NULL)", name=op.f("ck_call_a_change_is_somebodys")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "endpoint_id"],
            ["endpoint.clinic_id", "endpoint.id"],
            name=op.f("fk_call_clinic_id_endpoint_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_call_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_call_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_call")),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index(
            "ix_call_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index("ix_call_endpoint", ["clinic_id", "endpoint_id", "patient_id"], unique=False)
        batch_op.create_index(
            "uq_call_waiting",
            ["clinic_id", "endpoint_id", "patient_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND tries = 0"),
            postgresql_where=sa.text("ended_at IS NULL AND tries = 0"),
        )

    op.create_table(
        "changed",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("change_no", sa.Integer(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("was_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("was_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("thing IN ('course', 'session', 'support')", name=op.f("ck_changed_thing_is_known")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_changed_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "change_no", "thing_id", name=op.f("pk_changed")),
    )
    with op.batch_alter_table("changed", schema=None) as batch_op:
        batch_op.create_index("ix_changed_thing", ["clinic_id", "thing_id"], unique=False)

    op.create_table(
        "course",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("preferences", sa.JSON(), nullable=False),
        sa.Column("external_ref", sa.String(length=80), nullable=True),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("phase_from", sa.Date(), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=True),
        sa.Column("per_week", sa.Integer(), nullable=True),
        sa.Column("overridden", sa.JSON(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_cause", sa.String(length=40), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'paused') = (paused_at IS NOT NULL)", name=op.f("ck_course_paused_has_its_moment")
        ),
        sa.CheckConstraint(
            "(status IN ('completed', 'discontinued')) = (ended_at IS NOT NULL)",
            name=op.f("ck_course_ended_has_its_moment"),
        ),
        sa.CheckConstraint(
            "ended_cause IS NULL OR ended_cause IN ('patient', 'clinic', 'clinical', 'ride', 'support', 'medicine', 'coverage', 'other')",
            name=op.f("ck_course_ended_cause_is_known"),
        ),
        sa.CheckConstraint(
            "status IN ('active', 'paused', 'completed', 'discontinued')", name=op.f("ck_course_status_is_known")
        ),
        sa.CheckConstraint("every_days > 0 AND per_week > 0", name=op.f("ck_course_cadence_is_positive")),
        sa.CheckConstraint(
            "paused_until IS NULL OR paused_at IS NOT NULL", name=op.f("ck_course_until_belongs_to_a_pause")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_course_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "protocol_id"],
            ["protocol.clinic_id", "protocol.id"],
            name=op.f("fk_course_clinic_id_protocol_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_course_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_course")),
        sa.UniqueConstraint("clinic_id", "external_ref", name=op.f("uq_course_clinic_id_external_ref")),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index("ix_course_look_at", ["look_at"], unique=False)
        batch_op.create_index(
            "uq_course_active",
            ["clinic_id", "patient_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('active', 'paused')"),
            postgresql_where=sa.text("status IN ('active', 'paused')"),
        )

    op.create_table(
        "login_code",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("guesses <= 5", name=op.f("ck_login_code_five_guesses")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_id"],
            ["contact.clinic_id", "contact.id"],
            name=op.f("fk_login_code_clinic_id_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_login_code_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_login_code_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_login_code")),
    )
    with op.batch_alter_table("login_code", schema=None) as batch_op:
        batch_op.create_index("ix_login_code_contact", ["clinic_id", "contact_id", "made_at"], unique=False)

    op.create_table(
        "record_entry",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("actor_kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("change_no", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_record_entry_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_record_entry_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_record_entry")),
        sa.UniqueConstraint(
            "clinic_id", "patient_id", "change_no", name=op.f("uq_record_entry_clinic_id_patient_id_change_no")
        ),
    )
    with op.batch_alter_table("record_entry", schema=None) as batch_op:
        batch_op.create_index("ix_record_entry_at", ["clinic_id", "at"], unique=False)
        batch_op.create_index("ix_record_entry_subject", ["clinic_id", "subject_id"], unique=False)

    op.create_table(
        "adoption",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("adopted OR reason_sealed IS NOT NULL", name=op.f("ck_adoption_declined_has_a_reason")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "course_id"],
            ["course.clinic_id", "course.id"],
            name=op.f("fk_adoption_clinic_id_course_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_adoption_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "protocol_id"],
            ["protocol.clinic_id", "protocol.id"],
            name=op.f("fk_adoption_clinic_id_protocol_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_adoption_clinic_id_staff_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_adoption_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_adoption")),
    )
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.create_index("ix_adoption_course", ["clinic_id", "course_id", "protocol_id"], unique=False)

    op.create_table(
        "override",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=80), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_override_ended_names_who")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "course_id"],
            ["course.clinic_id", "course.id"],
            name=op.f("fk_override_clinic_id_course_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "ended_by_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_override_clinic_id_ended_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_override_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_override_clinic_id_staff_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_override_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_override")),
    )
    with op.batch_alter_table("override", schema=None) as batch_op:
        batch_op.create_index("ix_override_patient", ["clinic_id", "patient_id"], unique=False)
        batch_op.create_index(
            "uq_override_in_force",
            ["clinic_id", "course_id", "path"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "review",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=40), nullable=True),
        sa.Column("every_days", sa.Integer(), nullable=True),
        sa.Column("per_week", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decision IS NULL OR decision IN ('continue', 'advance', 'step_back', 'extend', 'stop')",
            name=op.f("ck_review_decision_is_known"),
        ),
        sa.CheckConstraint("kind IN ('doses', 'phase', 'misses', 'lapse')", name=op.f("ck_review_kind_is_known")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decision IS NULL) AND (decided_at IS NULL) = (staff_id IS NULL)",
            name=op.f("ck_review_decided_names_who_and_what"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "course_id"],
            ["course.clinic_id", "course.id"],
            name=op.f("fk_review_clinic_id_course_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_review_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_review_clinic_id_staff_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_review_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_review")),
        sa.UniqueConstraint(
            "clinic_id",
            "course_id",
            "kind",
            "phase",
            "after",
            name=op.f("uq_review_clinic_id_course_id_kind_phase_after"),
        ),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index("ix_review_patient", ["clinic_id", "patient_id"], unique=False)

    op.create_table(
        "support_person",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('named', 'accepted', 'declined', 'removed')", name=op.f("ck_support_person_state_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_id"],
            ["contact.clinic_id", "contact.id"],
            name=op.f("fk_support_person_clinic_id_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "course_id"],
            ["course.clinic_id", "course.id"],
            name=op.f("fk_support_person_clinic_id_course_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_support_person_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_support_person_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_support_person")),
        sa.UniqueConstraint(
            "clinic_id", "course_id", "position", name=op.f("uq_support_person_clinic_id_course_id_position")
        ),
    )
    with op.batch_alter_table("support_person", schema=None) as batch_op:
        batch_op.create_index("ix_support_person_contact", ["clinic_id", "contact_id"], unique=False)
        batch_op.create_index("ix_support_person_patient", ["clinic_id", "patient_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("setting", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target_on", sa.Date(), nullable=False),
        sa.Column("earliest_on", sa.Date(), nullable=False),
        sa.Column("latest_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrive_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dosed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discharged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("of_session_id", sa.Uuid(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("support_person_id", sa.Uuid(), nullable=True),
        sa.Column("given_before", sa.Boolean(), nullable=False),
        sa.Column("held_under", sa.JSON(), nullable=True),
        sa.Column("elsewhere_on", sa.Date(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'integration') = (of_session_id IS NOT NULL)",
            name=op.f("ck_session_integration_belongs_to_a_dose"),
        ),
        sa.CheckConstraint(
            "NOT given_before OR status IN ('discharged', 'attended', 'missed', 'omitted')",
            name=op.f("ck_session_given_before_is_over"),
        ),
        sa.CheckConstraint(
            "cause IS NULL OR cause IN ('patient', 'clinic', 'clinical', 'ride', 'support', 'medicine', 'coverage', 'other')",
            name=op.f("ck_session_cause_is_known"),
        ),
        sa.CheckConstraint(
            "elsewhere_on IS NULL OR (kind = 'integration' AND status <> 'booked')",
            name=op.f("ck_session_elsewhere_is_not_here"),
        ),
        sa.CheckConstraint(
            "kind IN ('consult', 'preparation', 'dosing', 'integration', 'review')",
            name=op.f("ck_session_kind_is_known"),
        ),
        sa.CheckConstraint("setting IN ('clinic', 'home')", name=op.f("ck_session_setting_is_known")),
        sa.CheckConstraint("status <> 'dosed' OR dosed_at IS NOT NULL", name=op.f("ck_session_dosed_has_its_moment")),
        sa.CheckConstraint(
            "status IN ('planned', 'booked', 'arrived', 'dosed', 'discharged', 'attended', 'missed', 'deferred', 'omitted', 'cancelled')",
            name=op.f("ck_session_status_is_known"),
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'deferred', 'omitted', 'cancelled') OR starts_at IS NOT NULL",
            name=op.f("ck_session_booked_has_a_time"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('discharged', 'attended') OR discharged_at IS NOT NULL",
            name=op.f("ck_session_ended_has_its_moment"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('missed', 'deferred', 'omitted', 'cancelled') OR cause IS NOT NULL",
            name=op.f("ck_session_final_has_a_cause"),
        ),
        sa.CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name=op.f("ck_session_a_time_has_an_end")),
        sa.CheckConstraint(
            "arrived_at <= dosed_at AND dosed_at <= discharged_at AND arrived_at <= discharged_at",
            name=op.f("ck_session_facts_run_forward"),
        ),
        sa.CheckConstraint("earliest_on <= latest_on", name=op.f("ck_session_span_runs_forward")),
        sa.CheckConstraint(
            "ends_at > starts_at AND (arrive_at IS NULL OR arrive_at <= starts_at)",
            name=op.f("ck_session_times_run_forward"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "course_id"],
            ["course.clinic_id", "course.id"],
            name=op.f("fk_session_clinic_id_course_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "of_session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_session_clinic_id_of_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_session_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "replaces_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_session_clinic_id_replaces_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "support_person_id"],
            ["support_person.clinic_id", "support_person.id"],
            name=op.f("fk_session_clinic_id_support_person_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_session_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_session")),
        sa.UniqueConstraint(
            "clinic_id", "course_id", "kind", "number", name=op.f("uq_session_clinic_id_course_id_kind_number")
        ),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index("ix_session_day", ["clinic_id", "starts_at"], unique=False)
        batch_op.create_index("ix_session_patient", ["clinic_id", "patient_id"], unique=False)

    op.create_table(
        "booking",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("closure_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(session_id IS NULL) <> (closure_id IS NULL)", name=op.f("ck_booking_for_a_session_or_a_closure")
        ),
        sa.CheckConstraint("held_until IS NULL OR session_id IS NOT NULL", name=op.f("ck_booking_sessions_are_held")),
        sa.CheckConstraint("lane >= 0", name=op.f("ck_booking_lane_in_range")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_booking_times_run_forward")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "closure_id"],
            ["closure.clinic_id", "closure.id"],
            name=op.f("fk_booking_clinic_id_closure_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "resource_id"],
            ["resource.clinic_id", "resource.id"],
            name=op.f("fk_booking_clinic_id_resource_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_booking_clinic_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_booking_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_booking")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index("ix_booking_day", ["clinic_id", "starts_at"], unique=False)
        batch_op.create_index(
            "ix_booking_held",
            ["clinic_id", "held_until"],
            unique=False,
            sqlite_where=sa.text("held_until IS NOT NULL"),
            postgresql_where=sa.text("held_until IS NOT NULL"),
        )
        batch_op.create_index("ix_booking_resource", ["clinic_id", "resource_id", "lane", "starts_at"], unique=False)
        batch_op.create_index("ix_booking_session", ["clinic_id", "session_id"], unique=False)

    op.create_table(
        "course_request",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (granted IS NULL) AND (decided_at IS NULL) = (staff_id IS NULL)",
            name=op.f("ck_course_request_decided_names_who_and_what"),
        ),
        sa.CheckConstraint(
            "session_id IS NULL OR granted", name=op.f("ck_course_request_only_what_is_granted_is_added")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "course_id"],
            ["course.clinic_id", "course.id"],
            name=op.f("fk_course_request_clinic_id_course_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_course_request_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_course_request_clinic_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_course_request_clinic_id_staff_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_course_request_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_course_request")),
    )
    with op.batch_alter_table("course_request", schema=None) as batch_op:
        batch_op.create_index("ix_course_request_patient", ["clinic_id", "patient_id"], unique=False)
        batch_op.create_index(
            "uq_course_request_open",
            ["clinic_id", "course_id"],
            unique=True,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )

    op.create_table(
        "question",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("support_person_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("gate", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("task_code", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("then_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("then_code", sa.String(length=40), nullable=True),
        sa.Column("task_made", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(state = 'joined') = (leader_id IS NOT NULL)", name=op.f("ck_question_joined_has_a_leader")
        ),
        sa.CheckConstraint("gate IN ('hard', 'soft', 'advisory')", name=op.f("ck_question_gate_is_known")),
        sa.CheckConstraint("role IN ('coordinator', 'clinician')", name=op.f("ck_question_role_is_known")),
        sa.CheckConstraint(
            "state IN ('planned', 'open', 'joined', 'answered', 'superseded', 'lapsed')",
            name=op.f("ck_question_state_is_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('open', 'joined') OR contact_id IS NOT NULL", name=op.f("ck_question_open_is_put_to_someone")
        ),
        sa.CheckConstraint(
            "step IN ('attendance', 'transport', 'support', 'present', 'ride_today', 'new_time', 'invitation', 'safety_evening', 'safety_next_day', 'integration')",
            name=op.f("ck_question_step_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_id"],
            ["contact.clinic_id", "contact.id"],
            name=op.f("fk_question_clinic_id_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "leader_id"],
            ["question.clinic_id", "question.id"],
            name=op.f("fk_question_clinic_id_leader_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_question_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_question_clinic_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "support_person_id"],
            ["support_person.clinic_id", "support_person.id"],
            name=op.f("fk_question_clinic_id_support_person_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_question_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_question")),
        sa.UniqueConstraint(
            "clinic_id",
            "person_id",
            "subject_id",
            "version",
            "step",
            name=op.f("uq_question_clinic_id_person_id_subject_id_version_step"),
        ),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index(
            "ix_question_going_on",
            ["then_at"],
            unique=False,
            sqlite_where=sa.text("task_made AND then_at IS NOT NULL"),
            postgresql_where=sa.text("task_made AND then_at IS NOT NULL"),
        )
        batch_op.create_index("ix_question_patient", ["clinic_id", "patient_id"], unique=False)
        batch_op.create_index(
            "ix_question_silent",
            ["task_at"],
            unique=False,
            sqlite_where=sa.text("NOT task_made AND state IN ('planned', 'open', 'joined', 'lapsed')"),
            postgresql_where=sa.text("NOT task_made AND state IN ('planned', 'open', 'joined', 'lapsed')"),
        )
        batch_op.create_index(
            "uq_question_open",
            ["clinic_id", "contact_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "task",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_task_closed_has_its_moment")),
        sa.CheckConstraint("role IN ('coordinator', 'clinician')", name=op.f("ck_task_role_is_known")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_task_state_is_known")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_task_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_task_clinic_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_task_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index("ix_task_patient", ["clinic_id", "patient_id"], unique=False)
        batch_op.create_index(
            "uq_task_open",
            ["clinic_id", "about_id", "role"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "told",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_told_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_told_clinic_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_told_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_told")),
    )
    with op.batch_alter_table("told", schema=None) as batch_op:
        batch_op.create_index("ix_told_patient", ["clinic_id", "patient_id", "at"], unique=False)

    op.create_table(
        "answer",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(how = 'staff') = (staff_id IS NOT NULL)", name=op.f("ck_answer_staff_answers_name_their_staff")
        ),
        sa.CheckConstraint("how IN ('text', 'app', 'link', 'staff')", name=op.f("ck_answer_how_is_known")),
        sa.CheckConstraint(
            "step IN ('attendance', 'transport', 'support', 'present', 'ride_today', 'new_time', 'invitation', 'safety_evening', 'safety_next_day', 'integration')",
            name=op.f("ck_answer_step_is_known"),
        ),
        sa.CheckConstraint("value IN ('yes', 'no', 'call', 'urgent')", name=op.f("ck_answer_value_is_known")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_id"],
            ["contact.clinic_id", "contact.id"],
            name=op.f("fk_answer_clinic_id_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_answer_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "question_id"],
            ["question.clinic_id", "question.id"],
            name=op.f("fk_answer_clinic_id_question_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff.clinic_id", "staff.id"],
            name=op.f("fk_answer_clinic_id_staff_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_answer_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_answer")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index("ix_answer_patient", ["clinic_id", "patient_id", "at"], unique=False)

    op.create_table(
        "message",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("load", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.Uuid(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(stage = 'ended') = (outcome IS NOT NULL)", name=op.f("ck_message_ended_has_one_outcome")),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('delivered', 'undelivered', 'unreported', 'unconfirmed', 'failed', 'expired', 'cancelled', 'suppressed')",
            name=op.f("ck_message_outcome_is_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('claimed', 'posting', 'unconfirmed', 'sent', 'ended')", name=op.f("ck_message_stage_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_id"],
            ["contact.clinic_id", "contact.id"],
            name=op.f("fk_message_clinic_id_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_message_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "question_id"],
            ["question.clinic_id", "question.id"],
            name=op.f("fk_message_clinic_id_question_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "sender_id"],
            ["sender.clinic_id", "sender.id"],
            name=op.f("fk_message_clinic_id_sender_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_message_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_contact", ["clinic_id", "contact_id", "sent_at"], unique=False)
        batch_op.create_index(
            "ix_message_unfinished",
            ["stage", "lease_until"],
            unique=False,
            sqlite_where=sa.text("stage IN ('claimed', 'posting', 'unconfirmed')"),
            postgresql_where=sa.text("stage IN ('claimed', 'posting', 'unconfirmed')"),
        )
        batch_op.create_index(
            "ix_message_unreported",
            ["sent_at"],
            unique=False,
            sqlite_where=sa.text("stage = 'sent'"),
            postgresql_where=sa.text("stage = 'sent'"),
        )

    op.create_table(
        "reply",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("sid", sa.String(length=34), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("media", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("understood_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("meaning", sa.String(length=40), nullable=True),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "contact_id"],
            ["contact.clinic_id", "contact.id"],
            name=op.f("fk_reply_clinic_id_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "question_id"],
            ["question.clinic_id", "question.id"],
            name=op.f("fk_reply_clinic_id_question_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "sender_id"],
            ["sender.clinic_id", "sender.id"],
            name=op.f("fk_reply_clinic_id_sender_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_reply_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_reply")),
        sa.UniqueConstraint("sender_id", "sid", name=op.f("uq_reply_sender_id_sid")),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index("ix_reply_contact", ["clinic_id", "contact_id", "received_at"], unique=False)
        batch_op.create_index(
            "ix_reply_new",
            ["received_at"],
            unique=False,
            sqlite_where=sa.text("understood_at IS NULL"),
            postgresql_where=sa.text("understood_at IS NULL"),
        )

    op.create_table(
        "task_reason",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=True),
        sa.Column("detail_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_how", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "task_id"],
            ["task.clinic_id", "task.id"],
            name=op.f("fk_task_reason_clinic_id_task_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_task_reason_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_task_reason")),
        sa.UniqueConstraint(
            "clinic_id", "task_id", "code", "subject_id", name=op.f("uq_task_reason_clinic_id_task_id_code_subject_id")
        ),
    )
    op.create_table(
        "attempt",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("sid", sa.String(length=34), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('posting', 'accepted', 'rejected', 'not_sent', 'unknown')",
            name=op.f("ck_attempt_verdict_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "message_id"],
            ["message.clinic_id", "message.id"],
            name=op.f("fk_attempt_clinic_id_message_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "sender_id"],
            ["sender.clinic_id", "sender.id"],
            name=op.f("fk_attempt_clinic_id_sender_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_attempt_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("clinic_id", "message_id", "number", name=op.f("uq_attempt_clinic_id_message_id_number")),
        sa.UniqueConstraint("sender_id", "sid", name=op.f("uq_attempt_sender_id_sid")),
        sa.UniqueConstraint("token", name=op.f("uq_attempt_token")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(
            "uq_attempt_accepted",
            ["clinic_id", "message_id"],
            unique=True,
            sqlite_where=sa.text("verdict IN ('posting', 'accepted', 'unknown')"),
            postgresql_where=sa.text("verdict IN ('posting', 'accepted', 'unknown')"),
        )

    op.create_table(
        "reminder",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("support_person_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("session_ids", sa.JSON(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("says", sa.String(length=32), nullable=False),
        sa.Column("fills", sa.JSON(), nullable=False),
        sa.Column("asks", sa.JSON(), nullable=False),
        sa.Column("gate", sa.String(length=40), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(stage = 'ended') = (outcome IS NOT NULL)", name=op.f("ck_reminder_ended_has_one_outcome")),
        sa.CheckConstraint("gate IN ('hard', 'soft', 'advisory')", name=op.f("ck_reminder_gate_is_known")),
        sa.CheckConstraint(
            "kind IN ('booked_notice', 'session_confirm', 'prep_bundle', 'alcohol_window', 'solids_stop', 'liquids_stop', 'transport_confirm', 'support_invite', 'support_confirm', 'support_present', 'arrival', 'post_rules', 'safety_check', 'integration_book', 'integration_remind', 'change_notice', 'cancel_notice', 'crisis_text', 'help_text', 'opted_in_text', 'moved_answer', 'unclear_answer', 'thanks_answer', 'call_answer', 'login_code')",
            name=op.f("ck_reminder_kind_is_known"),
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome = 'delivered' OR reason IS NOT NULL", name=op.f("ck_reminder_outcome_says_why")
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('delivered', 'undelivered', 'unreported', 'unconfirmed', 'failed', 'expired', 'cancelled', 'suppressed')",
            name=op.f("ck_reminder_outcome_is_known"),
        ),
        sa.CheckConstraint("part IN ('patient', 'support')", name=op.f("ck_reminder_part_is_known")),
        sa.CheckConstraint(
            "stage IN ('waiting', 'claimed', 'posting', 'unconfirmed', 'sent', 'ended')",
            name=op.f("ck_reminder_stage_is_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('waiting', 'ended') OR message_id IS NOT NULL", name=op.f("ck_reminder_claimed_has_a_message")
        ),
        sa.CheckConstraint("due_at <= not_after", name=op.f("ck_reminder_due_while_useful")),
        sa.CheckConstraint(
            "person_id = coalesce(support_person_id, patient_id)", name=op.f("ck_reminder_person_is_named_once")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "message_id"],
            ["message.clinic_id", "message.id"],
            name=op.f("fk_reminder_clinic_id_message_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_reminder_clinic_id_patient_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "sender_id"],
            ["sender.clinic_id", "sender.id"],
            name=op.f("fk_reminder_clinic_id_sender_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["session.clinic_id", "session.id"],
            name=op.f("fk_reminder_clinic_id_session_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "support_person_id"],
            ["support_person.clinic_id", "support_person.id"],
            name=op.f("fk_reminder_clinic_id_support_person_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_reminder_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "clinic_id",
            "person_id",
            "kind",
            "subject_id",
            "repeat",
            "says",
            name=op.f("uq_reminder_clinic_id_person_id_kind_subject_id_repeat_says"),
        ),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reminder_due",
            ["sender_id", "look_at"],
            unique=False,
            sqlite_where=sa.text("stage = 'waiting'"),
            postgresql_where=sa.text("stage = 'waiting'"),
        )
        batch_op.create_index("ix_reminder_message", ["clinic_id", "message_id"], unique=False)
        batch_op.create_index("ix_reminder_patient", ["clinic_id", "patient_id"], unique=False)
        batch_op.create_index("ix_reminder_person", ["clinic_id", "person_id", "stage"], unique=False)
        batch_op.create_index(
            "ix_reminder_useful",
            ["sender_id", "not_after"],
            unique=False,
            sqlite_where=sa.text("stage = 'waiting'"),
            postgresql_where=sa.text("stage = 'waiting'"),
        )
    with op.batch_alter_table(
        "clinic"
    ) as batch_op:  # the one circle: a clinic names whom to page, who belongs to the clinic
        batch_op.create_foreign_key(
            "fk_clinic_safety_on_call",
            "on_call",
            ["id", "safety_on_call_id"],
            ["clinic_id", "id"],
            deferrable=True,
            initially="DEFERRED",
        )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("fk_clinic_safety_on_call", "clinic")
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_reminder_useful",
            sqlite_where=sa.text("stage = 'waiting'"),
            postgresql_where=sa.text("stage = 'waiting'"),
        )
        batch_op.drop_index("ix_reminder_person")
        batch_op.drop_index("ix_reminder_patient")
        batch_op.drop_index("ix_reminder_message")
        batch_op.drop_index(
            "ix_reminder_due", sqlite_where=sa.text("stage = 'waiting'"), postgresql_where=sa.text("stage = 'waiting'")
        )

    op.drop_table("reminder")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attempt_accepted",
            sqlite_where=sa.text("verdict IN ('posting', 'accepted', 'unknown')"),
            postgresql_where=sa.text("verdict IN ('posting', 'accepted', 'unknown')"),
        )

    op.drop_table("attempt")
    op.drop_table("task_reason")
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_reply_new",
            sqlite_where=sa.text("understood_at IS NULL"),
            postgresql_where=sa.text("understood_at IS NULL"),
        )
        batch_op.drop_index("ix_reply_contact")

    op.drop_table("reply")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_message_unreported", sqlite_where=sa.text("stage = 'sent'"), postgresql_where=sa.text("stage = 'sent'")
        )
        batch_op.drop_index(
            "ix_message_unfinished",
            sqlite_where=sa.text("stage IN ('claimed', 'posting', 'unconfirmed')"),
            postgresql_where=sa.text("stage IN ('claimed', 'posting', 'unconfirmed')"),
        )
        batch_op.drop_index("ix_message_contact")

    op.drop_table("message")
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index("ix_answer_patient")

    op.drop_table("answer")
    with op.batch_alter_table("told", schema=None) as batch_op:
        batch_op.drop_index("ix_told_patient")

    op.drop_table("told")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_task_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index("ix_task_patient")

    op.drop_table("task")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_question_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(
            "ix_question_silent",
            sqlite_where=sa.text("NOT task_made AND state IN ('planned', 'open', 'joined', 'lapsed')"),
            postgresql_where=sa.text("NOT task_made AND state IN ('planned', 'open', 'joined', 'lapsed')"),
        )
        batch_op.drop_index("ix_question_patient")
        batch_op.drop_index(
            "ix_question_going_on",
            sqlite_where=sa.text("task_made AND then_at IS NOT NULL"),
            postgresql_where=sa.text("task_made AND then_at IS NOT NULL"),
        )

    op.drop_table("question")
    with op.batch_alter_table("course_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_course_request_open",
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        )
        batch_op.drop_index("ix_course_request_patient")

    op.drop_table("course_request")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index("ix_booking_session")
        batch_op.drop_index("ix_booking_resource")
        batch_op.drop_index(
            "ix_booking_held",
            sqlite_where=sa.text("held_until IS NOT NULL"),
            postgresql_where=sa.text("held_until IS NOT NULL"),
        )
        batch_op.drop_index("ix_booking_day")

    op.drop_table("booking")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index("ix_session_patient")
        batch_op.drop_index("ix_session_day")

    op.drop_table("session")
    with op.batch_alter_table("support_person", schema=None) as batch_op:
        batch_op.drop_index("ix_support_person_patient")
        batch_op.drop_index("ix_support_person_contact")

    op.drop_table("support_person")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_index("ix_review_patient")

    op.drop_table("review")
    with op.batch_alter_table("override", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_override_in_force",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_override_patient")

    op.drop_table("override")
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.drop_index("ix_adoption_course")

    op.drop_table("adoption")
    with op.batch_alter_table("record_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_record_entry_subject")
        batch_op.drop_index("ix_record_entry_at")

    op.drop_table("record_entry")
    with op.batch_alter_table("login_code", schema=None) as batch_op:
        batch_op.drop_index("ix_login_code_contact")

    op.drop_table("login_code")
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_course_active",
            sqlite_where=sa.text("status IN ('active', 'paused')"),
            postgresql_where=sa.text("status IN ('active', 'paused')"),
        )
        batch_op.drop_index("ix_course_look_at")

    op.drop_table("course")
    with op.batch_alter_table("changed", schema=None) as batch_op:
        batch_op.drop_index("ix_changed_thing")

    op.drop_table("changed")
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_call_waiting",
            sqlite_where=sa.text("ended_at IS NULL AND tries = 0"),
            postgresql_where=sa.text("ended_at IS NULL AND tries = 0"),
        )
        batch_op.drop_index("ix_call_endpoint")
        batch_op.drop_index(
            "ix_call_due", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )

    op.drop_table("call")
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_receipt_new",
            sqlite_where=sa.text("interpreted_at IS NULL"),
            postgresql_where=sa.text("interpreted_at IS NULL"),
        )

    op.drop_table("receipt")
    op.drop_table("protocol")
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.drop_index("ix_patient_stale", sqlite_where=sa.text("stale"), postgresql_where=sa.text("stale"))

    op.drop_table("patient")
    op.drop_table("other_hours")
    op.drop_table("consent_event")
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.drop_index("ix_closure_day")

    op.drop_table("closure")
    with op.batch_alter_table("busy_time", schema=None) as batch_op:
        batch_op.drop_index("ix_busy_time_resource")

    op.drop_table("busy_time")
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.drop_index("ix_availability_resource")

    op.drop_table("availability")
    op.drop_table("staff")
    op.drop_table("sender")
    op.drop_table("resource")
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.drop_index("ix_refresh_token_family")

    op.drop_table("refresh_token")
    op.drop_table("on_call")
    op.drop_table("link")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index("uq_idempotency_key_actor_key")
        batch_op.drop_index("ix_idempotency_key_made_at")

    op.drop_table("idempotency_key")
    op.drop_table("endpoint")
    op.drop_table("contact")
    with op.batch_alter_table("calendar_link", schema=None) as batch_op:
        batch_op.drop_index("ix_calendar_link_reader")

    op.drop_table("calendar_link")
    op.drop_table("demo_clock")
    op.drop_table("clinic")
    if op.get_bind().dialect.name == "postgresql":
        for function in ("record_entry_append_only", "consent_event_append_only"):
            op.execute(f"DROP FUNCTION {function}")
