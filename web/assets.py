"""Where do the stylesheet and the script come from? From here, kept by browsers until they change."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Response, send_from_directory

from web.auth import public
from web.pages import pages

FOLDER = Path(__file__).parent / "static"


@pages.get("/assets/<path:name>")
@public("the look of the pages is no secret")
def asset(name: str) -> Response:
    answer = send_from_directory(FOLDER, name, max_age=31_536_000)
    answer.cache_control.public = True
    return answer


@cache
def asset_version(name: str) -> str:
    """A word that changes with the file."""
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
