"""By which rules are people treated here? Every protocol, its versions, the source of each number, and how to change one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from actions.protocols.versions import (
    Edit,
    VersionPreview,
    from_previous,
    make_version,
    names,
    newest,
    preview_version,
    versions,
)
from care.protocol import Protocol as Rules
from care.protocols import ProtocolError, as_json, from_json, shipped
from care.refusals import Refusal, Refused
from models import Protocol
from web import rows, show
from web.auth import guarded, staff
from web.forms import Form, Unreadable
from web.pages import pages
from web.trouble import again
from web.words import protocols as words


@dataclass(frozen=True, slots=True)
class Number:
    """One field of a protocol with its value and where that comes from."""

    path: str
    value: Any
    source: str


@pages.get("/console/protocols")
@staff
def protocols() -> str:
    clinic = rows.own_clinic()
    listed = [(name, _rules(name), newest(clinic, name)) for name in names(clinic)]
    return show.console("protocols.html", listed=listed)


@pages.get("/console/protocols/<name>")
@staff
def protocol(name: str) -> str:
    rules, made = _rules(name), versions(rows.own_clinic(), name)
    shown, wrong, refusals = _previewed(name)
    return show.console(
        "protocol.html",
        rules=rules,
        tables=_tables(rules),
        made=[(row, from_previous(row, before)) for row, before in zip(made, [*made[1:], None], strict=False)],
        staff=rows.staff_names(g.who.clinic_id),
        shown=shown,
        wrong=wrong,
        against=refusals,
        value_words=words.value_words,
        done=words.DONE.get(request.args.get("done", "")),
    )


@pages.post("/console/protocols/<name>")
@guarded("clinician")
@again(protocol)
def change_protocol(name: str) -> Response:
    form = Form(request.form)
    lines = form.words("lines", most=4000, ask="Please write what should be another.")
    reason = form.words("reason", most=500, ask="Please say why, for the record.")
    follows = form.whole("follows")
    form.refuse_if_wrong()
    edit = _edit(name, lines, safety=form.ticked("safety"), follows=follows)
    try:
        make_version(rows.own_clinic(), edit, reason=reason, by=g.who, now=g.now)
    except ProtocolError as error:
        raise Unreadable({"lines": str(error)}) from error
    return redirect(url_for("pages.protocol", name=name, done="version"), 303)


def _previewed(name: str) -> tuple[VersionPreview | None, Mapping[str, str], tuple[Refusal, ...]]:
    """What the lines in the form would bring, what is wrong in them, or what speaks against it."""
    lines = request.values.get("lines", "").strip()
    if not lines:
        return None, {}, ()
    try:
        return preview_version(rows.own_clinic(), _edit(name, lines[:4000], safety=False, follows=None)), {}, ()
    except ProtocolError as error:
        return None, error.fields, ()
    except Unreadable as error:
        return None, error.complaints, ()
    except Refused as error:
        return None, {}, error.refusals


def _edit(name: str, lines: str, *, safety: bool, follows: int | None) -> Edit:
    """What the latest version says otherwise than its base, and these lines on top."""
    row = newest(rows.own_clinic(), name)
    base, known = (row.base, row.differences) if row else (name, {})
    return Edit(name, base, _over(known, _nested(lines)), safety, follows)


def _nested(lines: str) -> dict[str, Any]:
    """`path = value | source`, one a line; without a source it is a clinic default."""
    whole: dict[str, Any] = {}
    for line in filter(None, map(str.strip, lines.splitlines())):
        path, equals, said = line.partition("=")
        if not equals:
            raise Unreadable({"lines": f"“{line}” is not written as path = value | source."})
        value, _, source = said.partition("|")
        *tables, leaf = path.strip().split(".")
        table = whole
        for each in tables:
            table = table.setdefault(each, {})
        table[leaf] = {"value": _value(value.strip()), "source": source.strip() or "clinic default"}
    return whole


def _value(text: str) -> Any:
    """A number, yes or no, a list, or the word itself."""
    if text in ("yes", "no"):
        return text == "yes"
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _over(known: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    laid = dict(known)
    for name, said in more.items():
        both = isinstance(said, Mapping) and isinstance(laid.get(name), Mapping) and "value" not in said
        laid[name] = _over(laid[name], said) if both else said
    return laid


def _tables(rules: Rules) -> dict[str, list[Number]]:
    """Every number by the table it stands in, in the order of the document."""
    document, found = as_json(rules), dict[str, list[Number]]()
    for path, source in rules.sources.items():
        here: Any = document
        for name in path.split("."):
            here = here[name]
        table = path.rpartition(".")[0] or "course"
        found.setdefault(table, []).append(Number(path, here["value"], source))
    return found


def _rules(name: str) -> Rules:
    row: Protocol | None = newest(rows.own_clinic(), name)
    if row is None and name not in shipped():
        abort(404)
    return from_json(row.resolved) if row else shipped()[name]
