"""What can an operator do from the command line? `flask --app wsgi COMMAND`."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from actions.clinics.opening import NotOpened, open_clinic
from actions.texts.send import pause, resume
from jobs import clinic_file
from jobs.importing import import_courses_command
from jobs.seed import account_of, seed_demo
from jobs.serve import dispatch_forever, serve
from models import Clinic, Message, Patient, Reminder, Sender, Staff, Transport, db
from models.clock import care_now, machine_now

ROLES = ("patient", "coordinator", "clinician")


def init_app(app: Flask) -> None:
    for command in (
        dispatch_command,
        serve_command,
        seed_command,
        open_clinic_command,
        token_command,
        pause_command,
        resume_command,
        outcomes_command,
        import_courses_command,
    ):
        app.cli.add_command(command)


@click.command("dispatch")
@with_appcontext
def dispatch_command() -> None:
    """Send what is due, until stopped. Any number may run on PostgreSQL."""
    dispatch_forever(_app())


@click.command("serve")
@with_appcontext
def serve_command() -> None:
    """Set up the database, and serve everything from one process."""
    serve(_app())


@click.command("seed")
@with_appcontext
def seed_command() -> None:
    """Write the demonstration clinic, when there is no clinic yet. Only in a demonstration: its people are invented."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("seed writes an invented clinic, so it needs DEMO=1. For a real one: open-clinic.")
    click.echo("Seeded." if seed_demo(machine_now()) else "There is a clinic already; nothing was written.")


@click.command("open-clinic")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def open_clinic_command(file: Path) -> None:
    """Open a clinic as a TOML file describes it (docs/clinic.example.toml), on the account that TWILIO_... name."""
    account = account_of(current_app.config)
    if account.transport == Transport.TWILIO and not account.sid:
        raise click.ClickException("TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_MESSAGING_SERVICE_SID are needed.")
    try:
        clinic = open_clinic(clinic_file.read(file), account, now=care_now())
    except NotOpened as error:
        raise click.ClickException("\n".join(error.complaints)) from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    db.session.commit()
    click.echo(f"{clinic.short_name} is open: {clinic.id}")


@click.command("token")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--who", required=True, help="The person's name, or their id.")
@click.option("--clinic", help="The clinic's id or short name, where several have someone of that name.")
@with_appcontext
def token_command(role: str, who: str, clinic: str | None) -> None:
    """Print a bearer token for somebody, to try the API with."""
    make: Callable[[str, UUID, UUID], str] = current_app.extensions["steadfast.token"]
    found = [row for row in _people(role, clinic) if who in (str(row.id), row.name)]
    if len(found) != 1:
        raise click.ClickException(f"{len(found) or 'No'} {role}s are called {who}.")
    click.echo(make(role, found[0].id, found[0].clinic_id))


def _people(role: str, clinic: str | None) -> list[Patient | Staff]:
    """Everyone of this role; names are sealed, so they are compared here."""
    clinics = [row.id for row in db.session.scalars(select(Clinic)) if clinic in (None, str(row.id), row.short_name)]
    if role == "patient":
        return list(db.session.scalars(select(Patient).where(Patient.clinic_id.in_(clinics))))
    return list(db.session.scalars(select(Staff).where(Staff.clinic_id.in_(clinics), Staff.role == role)))


@click.command("pause-sends")
@click.option("--clinic", help="The clinic's id or short name; all clinics without it.")
@click.option("--why", default="paused by an operator")
@with_appcontext
def pause_command(clinic: str | None, why: str) -> None:
    """Stop handing texts over. What is due waits, and becomes a call list when it is too late."""
    for sender in _senders(clinic):
        pause(sender, why, now=care_now())
        click.echo(f"{sender.id} ({sender.purpose}) is paused: {sender.paused_why}")
    db.session.commit()


@click.command("resume-sends")
@click.option("--clinic", help="The clinic's id or short name; all clinics without it.")
@with_appcontext
def resume_command(clinic: str | None) -> None:
    """Hand texts over again. What is still in time goes out."""
    for sender in _senders(clinic):
        resume(sender, now=care_now())
        click.echo(f"{sender.id} ({sender.purpose}) sends.")
    db.session.commit()


def _senders(clinic: str | None) -> list[Sender]:
    joined = db.session.execute(select(Sender, Clinic).join(Clinic, Clinic.id == Sender.clinic_id).order_by(Sender.id))
    found = [sender for sender, of in joined if clinic in (None, str(of.id), of.short_name)]
    if not found:
        raise click.ClickException(f"No clinic is called {clinic}.")
    return found


@click.command("outcomes")
@click.option("--clinic", help="The clinic's id or short name; all clinics without it.")
@with_appcontext
def outcomes_command(clinic: str | None) -> None:
    """Print every reminder with what became of it and why. Ids, kinds and times only."""
    clinics = [row.id for row in db.session.scalars(select(Clinic)) if clinic in (None, str(row.id), row.short_name)]
    rows = (
        select(Reminder, Message.status)
        .outerjoin(Message, (Message.clinic_id == Reminder.clinic_id) & (Message.id == Reminder.message_id))
        .where(Reminder.clinic_id.in_(clinics))
        .order_by(Reminder.due_at, Reminder.id)
    )
    for reminder, status in db.session.execute(rows):
        click.echo(_line(reminder, status))


def _line(reminder: Reminder, status: str | None) -> str:
    """One reminder: when it was due, to whom, what became of it, and why."""
    why = reminder.reason or f"{reminder.why.get('rule', '')} {reminder.why.get('offset', '')}".strip()
    came_to = reminder.outcome or reminder.stage
    columns = (
        f"{reminder.due_at:%Y-%m-%d %H:%M:%SZ}",
        reminder.id,
        reminder.kind,
        reminder.repeat,
        reminder.part,
        came_to,
    )
    return "  ".join(str(each) for each in (*columns, status or "-", why or "-"))


def _app() -> Flask:
    """The application itself, for what outlives this context."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  Flask's own way to it
    return app
