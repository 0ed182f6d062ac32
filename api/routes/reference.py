"""Where does a developer read what the API does? The OpenAPI document, and one page made from it."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from flask import Response, current_app, render_template

from api.auth import public
from api.contract.blueprint import Blueprint

reference = Blueprint("reference", "This documentation", prefix="")
reference.template_folder = str(files("api") / "templates")

WHY = "documentation holds nothing of anybody"


@reference.route("/openapi.json")
@public(WHY)
@reference.response(200, {"type": "object"}, description="the OpenAPI 3.1 document")
def get_openapi() -> Response:
    """This document

    Generated from the running routes.
    """
    return Response(json.dumps(document()), mimetype="application/json")


@reference.route("/docs")
@public(WHY)
@reference.response(200, {"type": "string"}, content_type="text/html", description="the same for people")
def show_reference() -> Response:
    """The reference, to read

    One page, made on the server from the OpenAPI document.
    """
    whole = document()
    return Response(
        render_template(
            "reference.html",
            whole=whole,
            groups=_by_tag(whole),
            shape_name=shape_name,
            shapes_in=shapes_in,
            inner=inner,
        )
    )


@reference.route("/docs/style.css")
@public(WHY)
@reference.response(200, {"type": "string"}, content_type="text/css", description="how the page looks")
def show_reference_style() -> Response:
    """The page's style sheet

    Served from here: nothing is fetched from elsewhere.
    """
    return Response(_style(), mimetype="text/css")


def document() -> dict[str, Any]:
    """The OpenAPI document of the running app, made once."""
    kept = current_app.extensions.setdefault("steadfast.openapi", {})
    if not kept:
        api = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
        kept.update(json.loads(json.dumps(api.spec.to_dict())))
    whole: dict[str, Any] = kept
    return whole


def shape_name(schema: dict[str, Any]) -> str:
    """What a schema is called on the page: its shape's name, or its type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(shape_name(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {shape_name(schema.get('items', {}))}"
    kind = schema.get("type", "anything")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words} ({schema['format']})" if "format" in schema else words


def shapes_in(schema: dict[str, Any]) -> list[str]:
    """The named shapes that a schema speaks of, each once."""
    return list(dict.fromkeys(re.findall(r"#/components/schemas/(\w+)", json.dumps(schema))))


def inner(content: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The media type of a body and what it holds."""
    return next(iter(content.items()), ("", {}))


def _by_tag(whole: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in whole.get("tags", [])}
    for path, operations in whole["paths"].items():
        shared = operations.get("parameters", [])
        for method, operation in operations.items():
            if method != "parameters":
                parameters = [_resolved(each, whole) for each in (*shared, *operation.get("parameters", []))]
                shown = {**operation, "path": path, "method": method.upper(), "parameters": parameters}
                groups[operation["tags"][0]].append(shown)
    return groups


def _resolved(parameter: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in parameter:
        return parameter
    found: dict[str, Any] = whole["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return found


@cache
def _style() -> str:
    return (files("api") / "templates" / "reference.css").read_text("utf-8")
