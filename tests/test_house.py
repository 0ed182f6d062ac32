"""Does the house keep its conventions? What is written here as a test need not be remembered by anyone."""

import ast
import importlib
import re
from itertools import pairwise
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from sqlalchemy import DateTime

import settings
from care.kinds import KINDS
from care.refusals import Code
from care.words.texts import LANGUAGES
from care.words.texts.compose import KNOWN
from care.words.texts.voice import WORDS
from tests.databases import app_on
from tests.source import ROOMS, ROOT, sources, words

LONGEST_FUNCTION = 60
VAGUE_VERBS = frozenset({"process", "handle", "manage", "perform", "do", "execute"})
VAGUE_NOUNS = frozenset({"util", "utils", "helper", "helpers", "manager", "misc", "stuff"})
# A method we override must keep its name.
LIBRARIES_OWN = frozenset({"handle_http_exception", "process_bind_param", "process_result_value"})
WRITTEN = sources()
NAMES = [source.name for source in WRITTEN]


@pytest.fixture(scope="module")
def steadfast(shelf):
    """One app for questions about its routes; which database it stands on does not matter."""
    with shelf.database("sqlite") as database, app_on(database.url) as app:
        yield app


def test_the_rooms_keep_their_direction():
    assert lint_imports(no_cache=True) == 0


def test_no_folder_of_a_room_is_crowded():
    """More than fifteen files are folders by noun that nobody has made yet."""
    folders = [folder for room in ROOMS for folder in (ROOT / room, *(ROOT / room).rglob("*")) if folder.is_dir()]
    crowded = {folder.name: len(list(folder.glob("[!_]*.py"))) for folder in folders}
    assert {name: count for name, count in crowded.items() if count > 15} == {}


@pytest.mark.parametrize("source", WRITTEN, ids=NAMES)
def test_every_module_says_which_question_it_answers(source):
    assert ast.get_docstring(source.tree), f"{source.name} has no docstring"


@pytest.mark.parametrize("source", WRITTEN, ids=NAMES)
def test_no_function_is_longer_than_a_screen(source):
    long = [f.name for f in source.functions() if (f.end_lineno or f.lineno) - f.lineno >= LONGEST_FUNCTION]
    assert not long, f"{source.name}: {long}"


def test_settings_are_read_in_one_place():
    readers = [source.name for source in WRITTEN if {"settings"} & set(source.imports())]
    assert readers == ["wsgi.py"]
    assert not [
        source.name for source in WRITTEN for name, _ in source.calls() if name in ("os.getenv", "os.environ.get")
    ]


def test_only_doors_end_a_transaction():
    ends = ("db.session.commit", "db.session.rollback", "db.session.close")
    assert not [source.name for source in sources("actions", "care") for name, _ in source.calls() if name in ends]


def test_every_setting_is_documented():
    documented = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert not [name for name in settings.SETTINGS if f"`{name}`" not in documented]


def test_every_refusal_is_documented():
    documented = (ROOT / "docs" / "refusals.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", documented, re.MULTILINE)) == {code.value for code in Code}


@pytest.mark.parametrize("code", Code)
def test_every_refusal_is_raised_somewhere(code):
    """A rule or a verb gives it; where it is put into words or announced by a door does not count."""
    rules = [source for source in sources("care", "actions", "jobs") if source.name != "care/words/sayings.py"]
    assert code.name in {name for source in rules for name in source.mentions("Code")}


# Doors


def test_every_route_has_a_guard(steadfast):
    unguarded = []
    for rule in steadfast.url_map.iter_rules():
        view = steadfast.view_functions[rule.endpoint]
        if not getattr(view, "guard", None) and rule.endpoint.rpartition(".")[2] != "static":
            unguarded.append(f"{rule.rule} ({rule.endpoint})")
    assert not unguarded


def test_no_validator_is_a_lambda():
    """A validator that returns False is silently accepted by marshmallow 4; ours are named and raise."""
    lambdas = [
        f"{source.name}:{call.lineno}"
        for source in WRITTEN
        for _, call in source.calls()
        for word in call.keywords
        if word.arg == "validate" and any(isinstance(node, ast.Lambda) for node in ast.walk(word.value))
    ]
    assert not lambdas


def test_whole_numbers_are_never_guessed():
    """`fields.Integer()` turns 7.5 into 7 and "7" into 7."""
    loose = [
        f"{source.name}:{call.lineno}"
        for source in WRITTEN
        for name, call in source.calls()
        if name.endswith(("fields.Integer", "fields.Int")) and "strict" not in {word.arg for word in call.keywords}
    ]
    assert not loose


# Nouns


def test_every_instant_column_refuses_naive_times():
    models = importlib.import_module("models.database")
    importlib.import_module("models")
    tables = models.db.metadata.tables.values()
    assert not [str(column) for table in tables for column in table.columns if isinstance(column.type, DateTime)]


# Words


def glossary():
    """The rows of docs/glossary.md as (word, never say)."""
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [(word, [one.strip() for one in never.split(",") if one.strip()]) for word, _, never in rows[1:]]


def said():
    """Every word our identifiers are made of, with where it is said."""
    found: dict[str, set[str]] = {}
    for source in WRITTEN:
        for identifier in {*source.identifiers(), *Path(source.name).with_suffix("").parts}:
            for phrase in phrases(words(identifier)):
                found.setdefault(phrase, set()).add(f"{source.name}: {identifier}")
    return found


def phrases(parts):
    """Each word, and each pair of neighbours, in the singular too."""
    pairs = [f"{one} {two}" for one, two in pairwise(parts)]
    return {form for phrase in (*parts, *pairs) for form in (phrase, phrase.removesuffix("s"))}


def test_every_word_of_the_glossary_is_said_in_code():
    found = said()
    assert not [word for word, _ in glossary() if word not in found and not all(part in found for part in word.split())]


def test_no_banned_synonym_is_an_identifier():
    found = said()
    banned = [synonym for _, never in glossary() for synonym in never] + sorted(VAGUE_NOUNS)
    assert not {synonym: sorted(found[synonym])[:5] for synonym in banned if synonym in found}


def test_functions_say_what_really_happens():
    vague = [
        f"{source.name}: {function.name}"
        for source in WRITTEN
        for function in source.functions()
        if words(function.name)[:1] and words(function.name)[0] in VAGUE_VERBS and function.name not in LIBRARIES_OWN
    ]
    assert not vague


def test_every_kind_has_a_text():
    assert set(KINDS) == KNOWN


def test_every_phrase_is_there_in_every_language():
    # What support persons hear in other words is a variant that a language may do without.
    keys = {language: {key.removesuffix(".support") for key in phrases} for language, phrases in WORDS.items()}
    assert set(keys) == set(LANGUAGES) == {"en", "es"}
    assert keys["en"] == keys["es"]


# Outside


def test_what_ci_runs_is_what_the_readme_says():
    readme, ci = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", ".ci/run"))
    commands = ["./run test", "./run check", "./run tour"]
    assert all(command in readme for command in commands)
    places = [ci.find(f"\n{command}") for command in commands]
    assert -1 < places[0] < places[1] < places[2]


def test_the_rooms_are_those_of_the_map():
    assert {room for room in ROOMS if (ROOT / room / "__init__.py").exists()} == set(ROOMS)
