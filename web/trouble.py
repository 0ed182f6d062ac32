"""What does a person see when something cannot be done? Every reason in words, the form as they filled it, and a way on."""

from collections.abc import Callable
from inspect import signature

from flask import Flask, Response, current_app, g, make_response, request
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from care.refusals import Refused
from web import show
from web.auth import View
from web.forms import Unreadable
from web.pages import pages

SAYS = {
    403: ("You cannot open this", "Your role does not include it, or it was sent from somewhere else."),
    404: ("There is nothing here", "The address is wrong, or what was here is not yours to see."),
    405: ("That cannot be done here", "Please go back and use the buttons of the page."),
    409: ("Someone else was quicker", "This changed while you looked at it. Please look again, then decide."),
    413: ("That is too long", "Please send less at once."),
    500: (
        "Something broke on our side",
        "Nothing you sent was half kept. Please try again, and tell us when it stays.",
    ),
}


def again(page: View) -> Callable[[View], View]:
    """When the verb refuses, show this page once more, with the reasons and the form as it was filled."""

    def mark(view: View) -> View:
        view.again = page  # type: ignore[attr-defined]
        return view

    return mark


@pages.errorhandler(Refused)
def show_refusals(refused: Refused) -> Response:
    """The work was rolled back before this; the page is read anew."""
    g.refused, g.refusals = refused, refused.refusals
    g.new_plan, g.differs = getattr(refused, "preview", None), getattr(refused, "differs", ())
    return _once_more(409)


@pages.errorhandler(Unreadable)
def show_complaints(unreadable: Unreadable) -> Response:
    g.complaints = unreadable.complaints
    return _once_more(422)


@pages.errorhandler(StaleDataError)
def show_stale(error: StaleDataError) -> Response:
    return make_response(_page(409), 409)


@pages.errorhandler(HTTPException)
def show_error(error: HTTPException) -> Response | Answer:
    if error.code is None or error.code < 400:
        return error.get_response()
    return make_response(_page(error.code), error.code)


def init_app(app: Flask) -> None:
    """Unknown addresses belong to no blueprint; for those that are not the API's it asks us for a page."""
    app.extensions["steadfast.page_error"] = show_error


def _once_more(status: int) -> Response:
    page = getattr(current_app.view_functions[str(request.endpoint)], "again", None)
    answer = make_response(page(**_arguments(page)) if page else show.plain("trouble.html", says=SAYS[409]))
    answer.status_code = status
    return answer


def _arguments(page: View) -> dict[str, object]:
    """Of what the address names, that which the page asks for."""
    named = request.view_args or {}
    return {name: named[name] for name in signature(page).parameters if name in named}


def _page(code: int) -> str:
    """Without looking at what was sent: that may be the very trouble."""
    return show.plain("trouble.html", says=SAYS.get(code, SAYS[500] if code >= 500 else SAYS[409]), filled={})
