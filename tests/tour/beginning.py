"""How does a course begin? The doors are tried, Ada is enrolled, Sam accepts, Ada signs in with a code from her phone."""

import re
from datetime import datetime, timedelta
from typing import Any

import requests

from tests.tour.client import Client, new_key
from tests.tour.walk import ADA, SAM, Walk, eventually
from tests.tour.words import HERE, is_quiet, local, parsed


def doors(walk: Walk) -> None:
    report, server = walk.report, walk.world.server
    report.chapter("The doors")
    report.step("The server lives, and nobody waits for a text.")
    nobody = Client(server)
    report.same("/healthz", nobody.get("/healthz"), {"status": "ok"})
    report.same("/readyz", nobody.get("/readyz")["status"], "ready")
    report.step("Without a token nobody sees a patient; with one, Cora sees an empty clinic.")
    report.same("401 with a stable type", nobody.ask("GET", "/v1/patients", expect=401).kind, "not-signed-in")
    report.same("no patient yet", walk.cora.get("/v1/patients")["items"], [])
    report.step("Somebody sends texts to our webhook who is not the provider.")
    form = {
        "MessageSid": "SM" + "0" * 32,
        "From": ADA,
        "Body": "1",
        "AccountSid": walk.world.environment["TWILIO_ACCOUNT_SID"],
    }
    for what, headers in (("unsigned", {}), ("wrongly signed", {"X-Twilio-Signature": "bm90IHRoZWlycw=="})):
        got = requests.post(f"{server}/twilio/replies", data=form, headers=headers, timeout=10)
        report.same(f"{what}: 403", got.status_code, 403)
    report.step("The clock goes to next Monday, ten in the morning at the clinic.")
    monday = next_monday(walk.now(), weeks=walk.weeks)
    walk.go_to(monday)
    walk.begins = monday
    report.same("it is Monday there", f"{walk.now().astimezone(HERE):%A %H:%M}", "Monday 10:00")


def next_monday(now: datetime, *, weeks: int) -> datetime:
    return local(now, "10:00", days=7 * (weeks + 1) - now.astimezone(HERE).weekday())


def enrolment(walk: Walk) -> dict[str, Any]:
    """Ada for six clinic visits on Tuesdays and Fridays at ten, from Tuesday of next week."""
    tuesday = (walk.begins + timedelta(days=8)).astimezone(HERE).date()
    return {
        "patient": {"name": "Ada Rivers", "number": ADA, "consented": True},
        "protocol": "iv_6",
        "starts_on": tuesday.isoformat(),
        "preferences": {"weekdays": [1, 4], "around": "10:00"},
        "supports": [{"name": "Sam Rivers", "number": SAM}],
    }


def enrolling(walk: Walk) -> None:
    report, cora, wish = walk.report, walk.cora, enrolment(walk)
    report.chapter("Cora enrols Ada")
    report.step("First a dry run: every text that the whole course would send.")
    texts = cora.ask("POST", "/v1/courses/dry-run", wish).body["texts"]
    kinds = {kind for text in texts for kind in text["kinds"]}
    report.holds(f"{len(texts)} texts of {len(kinds)} kinds", kinds, so=len(texts) > 40 and "solids_stop" in kinds)
    at_night = [text["at"]["say"] for text in texts if is_quiet(parsed(text["at"]["at"]))]
    report.same("none between nine in the evening and eight in the morning", at_night, [])
    report.same("nothing was written", cora.get("/v1/patients")["items"], [])
    report.silence("and nothing was sent", walk.texts_to(SAM))

    report.step("What is misspelt is refused and named.")
    wrong = cora.ask("POST", "/v1/courses", {**wish, "protocl": "iv_6"}, key=new_key("typo"), expect=422)
    report.same("the field is named", [each["field"] for each in wrong.body["fields"]], ["protocl"])

    report.step("Then in earnest. The network drops the answer, so her browser asks again with the same key.")
    key = new_key("enrol")
    first = cora.ask("POST", "/v1/courses", wish, key=key, expect=201)
    again = cora.ask("POST", "/v1/courses", wish, key=key, expect=201)
    report.same("the same answer, byte for byte", again.raw, first.raw)
    (patient,) = cora.get("/v1/patients")["items"]
    walk.patient_id, walk.sam_id = patient["id"], first.body["supports"][0]["id"]
    report.same("one patient", patient["name"], "Ada Rivers")
    days = [(dose["number"], dose["target_on"]) for dose in walk.doses()]
    start = datetime.fromisoformat(wish["starts_on"])
    expected = [
        (n + 1, (start + timedelta(days=after)).date().isoformat()) for n, after in enumerate((0, 3, 7, 10, 14, 17))
    ]
    report.same("six visits are planned, Tuesdays and Fridays", days, expected)
    second = cora.ask("POST", "/v1/courses", {**wish, "patient_id": walk.patient_id}, key=new_key("twice"), expect=422)
    report.same("patient and patient_id together are refused", second.kind, "invalid")


def inviting(walk: Walk) -> None:
    report = walk.report
    report.chapter("Sam is asked to stand by her")
    report.step("Sam is invited by text; before his yes he hears nothing else.")
    walk.pass_time(seconds=5)
    text = report.one_text("one invitation", walk.texts_to(SAM), "Ada named you as support person", "Reply 1 yes, 2 no")
    report.holds("only Ada's first name is in it", text, so="Rivers" not in text)
    report.silence("Ada hears nothing yet", walk.texts_to(ADA))
    report.step("He says yes.")
    walk.reply(SAM, "1")
    supports = walk.cora.get(f"/v1/patients/{walk.patient_id}")["supports"]
    report.same("he has accepted", [each["state"] for each in supports], ["accepted"])
    report.silence("a yes is not answered by another text", walk.texts_to(SAM))


def signing_in(walk: Walk) -> None:
    report, clinic = walk.report, walk.cora.get("/v1/clinic")["id"]
    report.chapter("Ada signs in to the app")
    report.step("A code comes to her phone; it opens the door once.")
    wished = Client(walk.world.server).ask("POST", "/v1/auth/codes", {"clinic": clinic, "number": ADA}, expect=202).body
    code = eventually(lambda: _code_in(walk.texts_to(ADA)))
    report.holds("a text with eight digits", code, so=bool(code))
    guess = f"{(int(code) + 1) % 100_000_000:08}"
    nobody, door = Client(walk.world.server), "/v1/auth/tokens"
    wrong = nobody.ask("POST", door, {"challenge": wished["challenge"], "code": guess}, expect=401)
    report.same("another code does not open it", wrong.kind, "sign-in-failed")
    tokens = nobody.ask("POST", door, {"challenge": wished["challenge"], "code": code}).body
    walk.ada.token = tokens["access_token"]
    used = nobody.ask("POST", door, {"challenge": wished["challenge"], "code": code}, expect=401)
    report.same("nor does the same code twice", used.kind, "sign-in-failed")
    report.same("she sees her own course", walk.ada.get("/v1/me/course")["patient_id"], walk.patient_id)
    report.same("and nobody's list of patients", walk.ada.ask("GET", "/v1/patients", expect=403).kind, "not-allowed")


def _code_in(texts: list[str]) -> str:
    found = [re.search(r"\b\d{8}\b", text) for text in texts]
    return next((match[0] for match in found if match), "")
