"""How do the people of the walk speak to the server? As an app does: JSON, a bearer token, keys and editions."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import requests

from tests.tour.report import Mismatch

_keys = count(1)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Any
    raw: bytes

    @property
    def codes(self) -> set[str]:
        """The reasons of a refusal."""
        return {refusal["code"] for refusal in self.body.get("refusals", [])}

    @property
    def kind(self) -> str:
        """The stable name of a problem."""
        return str(self.body["type"]).rpartition(":")[2]


@dataclass
class Client:
    """One person's app, or nobody's when there is no token."""

    server: str
    token: str = ""

    def get(self, path: str, *, expect: int = 200, **query: str) -> Any:
        return self.ask("GET", path, expect=expect, query=query).body

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        expect: int = 200,
        query: dict[str, str] | None = None,
        key: str | None = None,
        edition: int | None = None,
    ) -> Answer:
        """One request; raises `Mismatch` when the status is another than `expect`."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"If-Match": f'"{edition}"'} if edition else {}
        got = requests.request(
            method, f"{self.server}{path}", json=body, params=query, headers=headers, timeout=30, allow_redirects=False
        )
        if got.status_code != expect:
            raise Mismatch(
                f"{method} {path}\n       expected: {expect}\n       found:    {got.status_code} {got.text[:1500]}"
            )
        is_json = "json" in got.headers.get("Content-Type", "")
        return Answer(got.status_code, got.json() if is_json else got.text, got.headers, got.content)

    def all(self, path: str, **query: str) -> list[Any]:
        """Every item of a list, page by page."""
        items: list[Any] = []
        after: dict[str, str] = {}
        while True:
            page = self.get(path, **query, **after, limit="200")
            items += page["items"]
            if page.get("next") is None:
                return items
            after = {"after": page["next"]}


def new_key(what_for: str) -> str:
    """An Idempotency-Key: the same word when the same thing is asked for again."""
    return f"tour-{what_for}-{next(_keys)}"
