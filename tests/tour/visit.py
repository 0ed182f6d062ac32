"""How does the day itself go? Arrived, refused while a gate is open, dosed, discharged late; rules, a safety check, a link."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import requests

from tests.tour.client import new_key
from tests.tour.walk import ADA, SAM, Walk
from tests.tour.words import clock, day, local, parsed, weekday

Fact = dict[str, Any]


def arriving(walk: Walk) -> None:
    report, first = walk.report, walk.dose(1)
    at, door = parsed(first["starts_at"]["at"]), f"/v1/sessions/{first['id']}"
    report.chapter("The visit")
    report.step("In the morning the ride is asked about once more. Ada is on her way and does not look.")
    walk.go_to(local(at, "08:20"))
    report.one_text("today's question", walk.texts_to(ADA), "today", "Is a ride home set")
    walk.go_to(at - timedelta(minutes=15))
    walk.texts_to(ADA)
    arrived = walk.cora.ask("POST", f"{door}/arrive", {}, key=new_key("arrive")).body
    report.same("she is here", arrived["status"], "arrived")

    report.step("The dose is refused while a hard gate is open, with every one of them.")
    walk.go_to(at)
    by_cora = walk.cora.ask("POST", f"{door}/dose", {}, key=new_key("dose"), expect=403)
    report.same("a coordinator cannot give it at all", by_cora.kind, "not-allowed")
    refused = walk.clive.ask("POST", f"{door}/dose", {}, key=new_key("dose"), expect=409)
    gates = {refusal["data"]["step"] for refusal in refused.body["refusals"]}
    report.same(
        "the clinician is told what is open", (refused.codes, gates), ({"gate_open"}, {"transport", "ride_today"})
    )
    report.same("it is not ready", walk.steps(first["id"])["verdict"], "not_ready")

    report.step("Cora sees the driver at the door and says so.")
    for step in ("transport", "ride_today"):
        said = {"value": "yes", "version": arrived["version"], "note": "The driver is here."}
        walk.cora.ask("PUT", f"{door}/answers/{step}", said, key=new_key("answer"))
    report.same("ready", walk.steps(first["id"])["verdict"], "ready")
    left = set(walk.reasons("coordinator")) & {"transport_unanswered", "ride_unverified"}
    report.same("her task about the ride closed itself", left, set())
    dosed = walk.clive.ask("POST", f"{door}/dose", {}, key=new_key("dose")).body
    report.same("now the dose is given", dosed["status"], "dosed")


def leaving(walk: Walk) -> None:
    report, first = walk.report, walk.dose(1)
    at = parsed(first["starts_at"]["at"])
    report.chapter("Afterwards")
    report.step("The observation runs twenty minutes long. What follows counts from when Ada really leaves.")
    walk.go_to(at + timedelta(hours=2, minutes=20))
    early = [
        text for text in walk.texts_to(ADA) + walk.texts_to(SAM) if "driving" in text or "should not drive" in text
    ]
    report.silence("no rules at the planned end", early)
    left = walk.clive.ask("POST", f"/v1/sessions/{first['id']}/discharge", {}, key=new_key("discharge")).body
    end = parsed(left["discharged_at"]["at"])
    walk.pass_time(seconds=5)
    tomorrow = end + timedelta(hours=24)
    driving = f"no driving until {clock(tomorrow)} {weekday(tomorrow)}"
    report.one_text("Ada", walk.texts_to(ADA), "You are done for today", driving, "no alcohol until")
    hers = f"Ada should not drive until {clock(tomorrow)} {weekday(tomorrow)}"
    report.one_text("Sam", walk.texts_to(SAM), hers, f"stay until {clock(end + timedelta(hours=4))}")
    choosing(walk, end)
    urgent(walk, end)


def choosing(walk: Walk, end: datetime) -> None:
    report = walk.report
    report.step(
        "Two hours later a link to choose the follow-up visit. Phones fetch links for previews: that changes nothing."
    )
    walk.go_to(end + timedelta(hours=2, minutes=1))
    window = f"best {day(end + timedelta(hours=24))} to {day(end + timedelta(hours=72))}"
    text = report.one_text("the offer, with its window", walk.texts_to(ADA), "Choose your follow-up visit", window)
    link = next(iter(re.findall(r"http://\S+/go/[\w-]+", text)), "")
    before = follow_up(walk)
    pages = [requests.get(link, timeout=20) for _ in range(2)]
    report.same("the page opens, twice", [page.status_code for page in pages], [200, 200])
    report.same("nothing changed", follow_up(walk), before)
    free = [unescape(slot) for slot in re.findall(r'name="slot" value="([^"]+)"', pages[0].text)]
    report.holds(f"{len(free)} free times", free, so=len(free) > 3)
    report.step("She takes the first of them.")
    report.same("a form on another site cannot", _take(link, free[0], "http://elsewhere.example"), 403)
    report.same("the page can", _take(link, free[0], walk.world.server), 303)
    chosen = follow_up(walk)
    report.same("it is booked", chosen["status"], "booked")
    again, at = requests.get(link, timeout=20).text, clock(parsed(chosen["starts_at"]["at"]))
    report.holds("the answered link says so", again, so="Your time is set" in again and at in again)
    walk.pass_time(minutes=3)
    report.one_text("and a text", walk.texts_to(ADA), f"follow-up visit is booked for {chosen['starts_at']['say']}")


def _take(link: str, slot: str, origin: str) -> int:
    """Send the page's form, as a browser on `origin` would."""
    sent = requests.post(link, data={"slot": slot}, headers={"Origin": origin}, timeout=20, allow_redirects=False)
    return sent.status_code


def follow_up(walk: Walk) -> Fact:
    """The session that belongs to the first visit."""
    first = walk.dose(1)["id"]
    items = walk.cora.get("/v1/sessions", patient=walk.patient_id)["items"]
    return next(each for each in items if each["of_session_id"] == first)


def urgent(walk: Walk, end: datetime) -> None:
    report = walk.report
    report.step("In the evening Ada is asked how she is. Her answer is urgent.")
    walk.go_to(end + timedelta(hours=4, minutes=1))
    report.one_text("the check", walk.texts_to(ADA), "How are you after your visit", "3 urgent")
    report.holds("nothing urgent before", walk.reasons("clinician"), so=not any(walk.reasons("clinician").values()))
    walk.reply(ADA, "3")
    report.one_text("she hears at once where help is", walk.texts_to(ADA), "call 911", "988")
    report.same("and a clinician is called upon, urgently", walk.reasons("clinician").get("urgent_reply"), True)
