"""How is an import shown? Line by line: what it did or would do, and why not."""

from marshmallow import fields

from api.contract.fields import Chosen, Id, Truth, Whole, Word
from api.contract.shape import Given, Shown


class ImportQuery(Given):
    """How the file is to be taken."""

    dry_run = Chosen(("false", "true"), load_default="false", about="say what every line would do, and write nothing")
    skip_refused = Chosen(("false", "true"), load_default="false", about="write the other lines when some are refused")


class ComplaintShown(Shown):
    column = fields.String(allow_none=True, metadata={"description": "null: the whole line", "example": "number"})
    say = fields.String(metadata={"example": "must be a number with + and country code, such as +12025550143"})


class ImportedLine(Shown):
    line = Whole(1, 20_000, about="in the file; the head is 1")
    external_ref = fields.String(allow_none=True, metadata={"example": "clinic-4711"})
    state = Word(["new", "already_there", "refused", "broken_off"], named="LineState")
    complaints = fields.List(fields.Nested(ComplaintShown))
    warnings = fields.List(fields.String(metadata={"example": "no consent: nobody is texted until there is one"}))
    course_id = Id(allow_none=True, about="of a dry run it is nobody's yet")
    planned = Whole(0, 999)
    given = Whole(0, 999)
    booked = Whole(0, 999)


class ImportShown(Shown):
    written = Truth(about="whether anything was kept")
    items = fields.List(fields.Nested(ImportedLine))
