"""Can everyone use the pages: by keyboard, by ear, with weak sight, and under a policy that allows nothing inline?"""

import re
from pathlib import Path

import pytest

from actions.ask import ask
from care.facts import Role
from models import db
from tests.people import NOW
from web.go_words import ENGLISH, SPANISH

STYLES = Path(__file__).parents[2] / "web" / "static" / "steadfast.css"

# Every pair of a text's colour and what lies behind it.
PAIRS = [
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "plain-wash"),
    ("soft", "paper"),
    ("soft", "card"),
    ("soft", "plain-wash"),
    ("accent", "paper"),
    ("accent", "card"),
    ("accent", "plain-wash"),
    ("accent-deep", "accent-wash"),
    ("ink", "accent-wash"),
    ("good", "good-wash"),
    ("wait", "wait-wash"),
    ("bad", "bad-wash"),
    ("bad", "card"),
    ("calm", "calm-wash"),
    ("white", "accent"),
    ("white", "accent-deep"),
    ("white", "bad"),
]
EDGES = [("edge", "card"), ("edge", "paper"), ("accent", "paper"), ("good", "card"), ("wait", "card")]


def colours():
    named = dict(re.findall(r"--([\w-]+): #([0-9a-f]{6});", STYLES.read_text(encoding="utf-8")))
    return named | {"white": "ffffff"}


def luminance(colour):
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("text", "behind"), PAIRS)
def test_words_stand_out_from_what_is_behind_them(text, behind):
    named = colours()
    assert contrast(named[text], named[behind]) >= 4.5


@pytest.mark.parametrize(("edge", "behind"), EDGES)
def test_the_edges_of_controls_can_be_seen(edge, behind):
    named = colours()
    assert contrast(named[edge], named[behind]) >= 3


def test_every_colour_is_named_once_at_the_top():
    styles = STYLES.read_text(encoding="utf-8")
    root, rest = styles.split("}", 1)
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", rest)) <= {"#fff"}
    assert set(re.findall(r"var\(--([\w-]+)\)", rest)) <= set(re.findall(r"--([\w-]+):", root))


@pytest.fixture
def addresses(clinic, course):
    session = clinic.session(course)
    ask(Role.COORDINATOR, "transport_unanswered", session, subject_id=session.id, now=NOW)
    db.session.commit()
    one = f"/console/sessions/{session.id}"
    return [
        "/",
        "/console/sign-in",
        "/console",
        "/console?on=2027-01-12",
        "/console/tasks",
        "/console/patients",
        f"/console/patients/{course.patient_id}",
        "/console/enrol",
        one,
        f"{one}/move",
        f"{one}/cancel",
        f"/console/courses/{course.id}/changes?verb=cancel&from_on=2027-01-13",
        f"/phones/{course.patient_id}",
        "/console/resources?from=2027-01-11",
        "/console/closures?resource=&from=2027-01-12T00:00&until=2027-01-13T00:00",
        "/console/protocols",
        "/console/protocols/iv_6",
        f"/console/courses/{course.id}/rules",
        "/console/nowhere",
    ]


def test_every_page_can_be_heard_and_used_by_keyboard(console, addresses):
    for path in addresses:
        page = console.open(path)
        unlabelled = [
            control
            for control in page.controls
            if control.get("id") not in page.labelled and not control["wrapped"] and "aria-label" not in control
        ]
        assert not unlabelled, path
        assert page.language == "en", path
        assert page.title.strip(), path
        assert len(set(page.ids)) == len(page.ids), path
        assert page.headings[:1] == [1], path
        assert page.headings.count(1) == 1, path
        assert all(later - one <= 1 for one, later in zip(page.headings, page.headings[1:], strict=False)), path
        assert page.inline == [], path
        assert "#main" in page.links, path


def test_pages_forbid_everything_from_elsewhere_and_are_not_kept(console, addresses):
    for path in addresses[2:]:
        answer = console.client.get(path)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_look_itself_is_kept_until_it_changes(client):
    page = client.get("/").text
    address = re.search(r'href="(/assets/steadfast\.css\?v=[0-9a-f]+)"', page)
    with client.get(address.group(1)) as answer:
        assert answer.status_code == 200
        assert answer.cache_control.max_age > 86_400
    assert client.get("/assets/../auth.py").status_code == 404


def test_one_question_pages_say_the_same_in_both_languages():
    holes = re.compile(r"\{\w+\}")
    assert ENGLISH.keys() == SPANISH.keys()
    assert [key for key in ENGLISH if holes.findall(ENGLISH[key]) != holes.findall(SPANISH[key])] == []


def test_own_script_stays_small():
    script = STYLES.with_name("steadfast.js").read_text(encoding="utf-8")
    assert len(script.splitlines()) <= 150
