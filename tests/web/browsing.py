"""How do tests look at pages? A browser without a window: it sends its origin, keeps its cookie and reads what it is shown."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from werkzeug.test import TestResponse

ORIGIN = {"Origin": "http://localhost"}
IN_LINE = frozenset({"a", "strong", "span", "time", "small"})
VOID = frozenset({"meta", "link", "input", "br", "img", "hr"})


@dataclass
class Form:
    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What a page holds: its words, headings, links, labels, controls and forms."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.status, self.path = answer.status_code, answer.request.path
        self.words: list[str] = []
        self.headings: list[int] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.controls: list[dict[str, str]] = []
        self.forms: list[Form] = []
        self.inline: list[str] = []
        self.language, self.title = "", ""
        self._inside: list[str] = []
        self._select = ""
        self.feed(answer.text)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def form(self, action: str) -> Form:
        """The first form whose address ends so."""
        return next(form for form in self.forms if urlsplit(form.action).path.endswith(action))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._inside.append(tag)
        if tag not in IN_LINE:
            self.words.append(" ")
        if "id" in given:
            self.ids.append(given["id"])
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag in ("style", "script") and not given.get("src"):
            self.inline.append(tag)
        self._note(tag, given)

    def _note(self, tag: str, given: dict[str, str]) -> None:
        if tag == "html":
            self.language = given.get("lang", "")
        elif tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "label":
            self.labelled.add(given.get("for", ""))
        elif tag == "form":
            self.forms.append(Form(given.get("method", "get"), given.get("action", self.path)))
        elif tag in ("input", "select", "textarea", "button", "option"):
            self._note_control(tag, given)

    def _note_control(self, tag: str, given: dict[str, str]) -> None:
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.controls.append({**given, "tag": tag, "wrapped": "yes" if "label" in self._inside else ""})
        if not self.forms or "form" not in self._inside:
            return
        form = self.forms[-1]
        if tag == "button":
            form.buttons.append(given)
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and ("selected" in given or self._select not in form.fields):
            form.fields[self._select] = [given.get("value", "")]
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            form.fields.setdefault(given.get("name", ""), []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "title" in self._inside:
            self.title += data
        elif not {"script", "style"} & set(self._inside):
            self.words.append(data)


class Browser:
    """Somebody who looks and presses. `send` fills in a form of the page and follows to where it leads."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def open(self, path: str) -> Page:
        return Page(self.client.get(path, follow_redirects=True))

    def post(self, path: str, form: dict[str, Any] | None = None, *, origin: str | None = "http://localhost") -> Page:
        headers = {"Origin": origin} if origin else {}
        answer = self.client.post(path, data=form or {}, headers=headers)
        if answer.status_code in (302, 303):
            return self.open(urljoin(path, answer.headers["Location"]))
        return Page(answer)

    def send(self, page: Page, action: str, **filled: Any) -> Page:
        form = page.form(action)
        return self.post(form.action, {**form.fields, **filled})
