"""How does an operator bring courses in from another system? `flask --app wsgi import-courses FILE.csv --clinic NAME`."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from actions.importing import BROKEN_OFF, NEW, REFUSED, THERE, Imported, LineDone, import_courses, operator
from models import Clinic, db
from models.clock import care_now
from models.database import name_clinic

SAYS = {NEW: "enrolled", THERE: "already there, nothing changes", REFUSED: "REFUSED", BROKEN_OFF: "CANNOT BE READ"}


@click.command("import-courses")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--clinic", required=True, help="The clinic's id or short name.")
@click.option("--dry-run", is_flag=True, help="Say what every line would do, and write nothing.")
@click.option("--skip-refused", is_flag=True, help="Write the other lines when some are refused.")
@with_appcontext
def import_courses_command(file: Path, clinic: str, *, dry_run: bool, skip_refused: bool) -> None:
    """Enrol the courses of a CSV file (docs/import.md). With a refused line nothing is written, unless you skip those."""
    found = _clinic(clinic)
    with file.open("rb") as stream:
        done = import_courses(
            found, stream, by=operator(found.id), now=care_now(), dry_run=dry_run, skip_refused=skip_refused
        )
    db.session.commit()
    for each in done.lines:
        _print(each, written=done.written)
    click.echo(_summary(done, dry_run=dry_run))
    if not (dry_run or done.written) or (dry_run and done.complaints):
        raise click.exceptions.Exit(1)


def _clinic(named: str) -> Clinic:
    found = [row for row in db.session.scalars(select(Clinic)) if named in (str(row.id), row.short_name)]
    if len(found) != 1:
        raise click.ClickException(f"{len(found) or 'No'} clinics are called {named}.")
    name_clinic(found[0].id)
    return found[0]


def _print(each: LineDone, *, written: bool) -> None:
    counts = f" ({each.planned} planned, {each.given} given before, {each.booked} booked)" if each.state == NEW else ""
    says = "would be enrolled" if each.state == NEW and not written else SAYS[each.state]
    ref = f" {each.external_ref}" if each.external_ref else ""
    click.echo(f"line {each.line}{ref}: {says}{counts}")
    for complaint in each.complaints:
        column = f"{complaint.column}: " if complaint.column else ""
        click.echo(f"    {column}{complaint.say}")
    for warning in each.warnings:
        click.echo(f"    note: {warning}")


def _summary(done: Imported, *, dry_run: bool) -> str:
    count = {state: sum(each.state == state for each in done.lines) for state in SAYS}
    refused = count[REFUSED] + count[BROKEN_OFF]
    said = f"{count[NEW]} new, {count[THERE]} already there, {refused} refused."
    if dry_run:
        return f"{said} Dry run: nothing was written."
    return f"{said} Written." if done.written else f"{said} Nothing was written: mend the refused lines, or skip them."
