"""Where do the pages hang? One blueprint; every module of this room adds its own to it."""

from flask import Blueprint, Response

pages = Blueprint("pages", __name__, template_folder="templates")


@pages.after_request
def origin_stays_known(response: Response) -> Response:
    """Our own forms must say where they come from; other sites still learn nothing."""
    response.headers["Referrer-Policy"] = "same-origin"
    return response
