"""Is the document true, whole and readable? It equals the running routes, and a machine that reads it finds no lie."""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema_rs import validator_for
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from actions.ask import ask
from api.contract.problems import KINDS
from care.facts import Role
from care.refusals import Code
from models import db
from tests.clients import apart
from tests.databases import app_on
from tests.people import NOW

NOT_DOCUMENTED = {"OPTIONS", "HEAD"}
OURS = ("/v1", "/twilio", "/calendar", "/healthz", "/readyz", "/openapi.json", "/docs")


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield method.upper(), path, operation


def test_the_document_equals_the_running_routes(app, document):
    running = {
        (method, re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(OURS)
        for method in rule.methods - NOT_DOCUMENTED
    }
    assert running == {(method, path) for method, path, _ in operations(document)}


def test_every_operation_says_what_it_is(document):
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    poor = [
        operation["operationId"]
        for _, _, operation in operations(document)
        if not (operation.get("summary") and operation.get("description") and operation.get("tags"))
        or ("security" not in operation and "x-public" not in operation)
    ]
    assert not poor


def test_every_body_and_answer_has_an_example_that_fits(document):
    wrong = []
    for _, path, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for media, content in body.get("content", {}).items():
                if media == "application/json" and path != "/openapi.json":
                    schema = content["schema"] | {"components": document["components"]}
                    found = [str(flaw) for flaw in validator_for(schema).iter_errors(content["example"])]
                    wrong += [(operation["operationId"], flaw[:200]) for flaw in found]
    assert not wrong


def test_every_guarded_operation_names_its_errors(document):
    for _, path, operation in operations(document):
        says = set(operation["responses"])
        if operation["security"]:
            assert {"401", "403"} <= says, operation["operationId"]
        if "{" in path:
            assert "404" in says, operation["operationId"]
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            assert {"400", "413", "415", "422"} <= says, operation["operationId"]
        errors = [
            answer for status, answer in operation["responses"].items() if status >= "400" and "$ref" not in answer
        ]
        assert operation["operationId"] == "isReady" or not errors


def test_every_refusal_and_every_problem_is_documented(document):
    schemas = document["components"]["schemas"]
    assert set(schemas["RefusalCode"]["x-extensible-enum"]) == {code.value for code in Code}
    assert set(schemas["ProblemType"]["x-extensible-enum"]) == {kind.type for kind in KINDS}
    listed = {code for _, _, operation in operations(document) for code in operation.get("x-refusals", [])}
    assert listed <= {code.value for code in Code}


def test_errors_are_documented_as_problems(document):
    for name, response in document["components"]["responses"].items():
        assert list(response["content"]) == ["application/problem+json"], name


def test_what_comes_in_is_closed_and_what_goes_out_is_whole(document):
    incoming = set()
    for _, _, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            incoming.add(content["schema"].get("$ref", "").rpartition("/")[2])
    schemas = document["components"]["schemas"]
    assert all(schemas[name]["additionalProperties"] is False for name in incoming if name)
    for name, schema in schemas.items():
        whole = "properties" in schema and "additionalProperties" not in schema
        if name not in incoming and whole and name != "Problem":
            assert set(schema["required"]) == set(schema["properties"]), name


def test_every_list_of_words_has_a_name_and_stands_once(document):
    """A generated client gets one enumeration for each, and reads words that came later all the same."""
    schemas = document["components"]["schemas"]
    written_out = [
        (name, field)
        for name, schema in schemas.items()
        for field, about in schema.get("properties", {}).items()
        if "x-extensible-enum" in about or "x-extensible-enum" in about.get("items", {})
    ]
    assert written_out == []
    for name in [name for name in schemas if f"Known{name}" in schemas]:
        assert schemas[name]["anyOf"] == [{"$ref": f"#/components/schemas/Known{name}"}, {"type": "string"}]
        assert schemas[name]["x-extensible-enum"] == schemas[f"Known{name}"]["enum"]


def test_no_two_shapes_share_a_name(document):
    """The document would number them: `Session1`."""
    assert not [name for name in document["components"]["schemas"] if name[-1].isdigit()]


def test_the_demonstrations_clock_exists_only_there(database):
    real = {
        "DEMO": "0", "SMS_TRANSPORT": "twilio", "SECRET_KEY": "x" * 40, "PUBLIC_BASE_URL": "http://localhost",
    }  # fmt: skip
    with app_on(database.url, **real) as app:
        client = app.test_client()
        assert client.get("/v1/demo/clock").status_code == 404
        assert "/v1/demo/clock" not in client.get("/openapi.json").json["paths"]


def test_the_page_shows_every_operation_and_fetches_nothing(client, document):
    page = client.get("/docs")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    for _, _, operation in operations(document):
        assert f'id="{operation["operationId"]}"' in text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    assert "<script" not in text
    assert "style=" not in text
    assert client.get("/docs/style.css").mimetype == "text/css"


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
BOUNDED = settings(
    max_examples=4,
    database=None,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_a_machine_that_reads_the_document_finds_no_lie(cast, client, mode):
    """A few requests for each operation, as its first role may make them, right and wrong ones."""
    people = {"patient": cast.ada, "coordinator": cast.cora, "clinician": cast.clive}
    task = ask(Role.COORDINATOR, "wants_call", cast.dose(), subject_id=cast.dose().id, now=NOW)
    known = {
        "session_id": cast.dose().id, "patient_id": cast.course.patient_id, "course_id": cast.course.id, "task_id": task.id,
        "patient": cast.course.patient_id, "name": "iv_6",
    }  # fmt: skip
    answering = (
        client.application.wsgi_app
    )  # this machine calls without an address, and a demonstration answers its own alone
    client.application.wsgi_app = lambda environ, start: answering(environ | {"REMOTE_ADDR": "127.0.0.1"}, start)
    machine = schemathesis.openapi.from_wsgi("/openapi.json", client.application)
    found = [result.ok() for result in machine.get_all_operations()]
    db.session.commit()
    assert len(found) > 100
    flaws = [flaw for operation in found for flaw in flaws_of(operation, people, known, mode)]
    assert not flaws, "\n\n".join(flaws)


def flaws_of(operation, people, known, mode):
    """What is wrong with the answers of one operation, one flaw at most."""
    who = people.get(operation.definition.raw.get("x-roles", ["nobody"])[0])
    headers = {"Authorization": f"Bearer {who.token}"} if who else {}

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def talk(case):
        if mode is GenerationMode.POSITIVE:
            for place in (case.path_parameters, case.query):
                place.update({name: str(known[name]) for name in place if name in known})
        answer = apart(lambda: case.call(headers=headers))
        case.validate_response(answer, checks=CHECKS)

    try:
        talk()
    except Unsatisfiable:
        pass  # nothing wrong can be said to an operation that takes nothing
    except AssertionError as flaw:
        yield f"{operation.label}: {flaw}"
    except FailureGroup as flaw:
        yield f"{operation.label}: {flaw.exceptions}"
