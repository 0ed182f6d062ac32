"""How does a page get its words, times and frame? Everything the templates may use, put together once."""

import re
from typing import Any

import phonenumbers
from flask import current_app, g, render_template, request, url_for
from markupsafe import Markup, escape

from care.refusals import Refusal
from care.words.sayings import say_refusal
from web import rows, words
from web.assets import asset_version
from web.say import Times

PATH = r"(/[A-Za-z0-9_-][A-Za-z0-9_/-]*)"  # one slash and plain letters: no other host, no scheme


def console(template: str, **values: Any) -> str:
    """A page of the console, in the clinic's zone."""
    clinic = rows.own_clinic()
    frame = {
        "clinic": clinic,
        "who": g.who,
        "waiting": rows.count_open_tasks(clinic.id),
        "t": Times(clinic.zone),
        "done": words.DONE.get(request.args.get("done", "")),
    }
    return plain(template, **frame | values)


def plain(template: str, **values: Any) -> str:
    """A page without the console's frame. `filled` is what forms show: what was sent, unless the page says otherwise."""
    if "filled" not in values:
        values["filled"] = request.form if request.method == "POST" else request.args
    frame = {
        "words": words,
        "demo": current_app.config["DEMO"],
        "now": g.get("now"),
        "asset": _asset,
        "refusals": g.get("refusals", ()),
        "complaints": g.get("complaints", {}),
        "say_refusal": _refusal_words,
        "linked": linked,
        "dialled": dialled,
        "next_of": words.next_of,
        "zones": _zones,
    }
    return render_template(template, **frame | values)


def linked(body: str) -> Markup:
    """A text of ours with its links to ourselves to click, under whatever name the browser knows us; other links are words.

    What people write to us is never linked: nobody of the staff is led away by a text.
    """
    ours = re.compile(re.escape(current_app.config["PUBLIC_BASE_URL"]) + PATH)
    pieces = ours.split(body)  # words and paths in turn
    return Markup("").join(
        Markup('<a href="{}">{}</a>').format(piece, current_app.config["PUBLIC_BASE_URL"] + piece)
        if place % 2
        else escape(piece)
        for place, piece in enumerate(pieces)
    )


def dialled(number: str) -> str:
    """A number as people dial and read it."""
    parsed = phonenumbers.parse(number)
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, form.NATIONAL if parsed.country_code == 1 else form.INTERNATIONAL)


def _zones() -> tuple[tuple[str, str], ...]:
    """Where people live, the clinic's own zone among them."""
    own = rows.own_clinic().zone
    return words.ZONES if own in dict(words.ZONES) else ((own, own), *words.ZONES)


def _refusal_words(refusal: Refusal) -> str:
    zone = rows.own_clinic().zone if "who" in g else g.get("zone", "UTC")
    return say_refusal(refusal, g.get("language", "en"), zone)


def _asset(name: str) -> str:
    return url_for("pages.asset", name=name, v=asset_version(name))
