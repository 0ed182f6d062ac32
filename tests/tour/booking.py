"""How does Ada book? In her app, with a key that makes a repeated request harmless, and with every reason when it cannot be."""

from datetime import datetime, timedelta
from typing import Any

from tests.tour.client import Answer, new_key
from tests.tour.walk import ADA, SAM, Walk
from tests.tour.words import day, local, parsed, sent, when


def booking(walk: Walk) -> None:
    report, ada = walk.report, walk.ada
    report.chapter("Ada books her visits")
    report.step("She books the first: one PUT. The answer is lost on the train, so the app asks again.")
    first = walk.dose(1)
    at = at_ten(walk, 1)
    wish = {"slot": own_slot(walk, first["id"], at)}
    key, door = new_key("book"), f"/v1/me/sessions/{first['id']}/booking"
    once = ada.ask("PUT", door, wish, key=key, edition=first["edition"])
    again = ada.ask("PUT", door, wish, key=key, edition=first["edition"])
    report.same("booked for Tuesday at ten", once.body["starts_at"]["say"], when(at))
    report.same("the repeat gets the same answer", (again.raw, again.headers["ETag"]), (once.raw, once.headers["ETag"]))
    report.same("and changed nothing", walk.dose(1)["edition"], once.body["edition"])
    other = ada.ask("PUT", door, {"slot": wish["slot"] + "A"}, key=key, edition=first["edition"], expect=422)
    report.same("the same key for something else is refused", other.kind, "idempotency-key-reused")

    report.step("What cannot be is refused with every reason at once.")
    refused(walk, at)
    report.step("The others follow.")
    for number in range(2, 7):
        dose = walk.dose(number)
        taken = book(walk, dose, own_slot(walk, dose["id"], at_ten(walk, number)))
        report.same(f"visit {number}", taken.body["starts_at"]["say"], when(at_ten(walk, number)))
    notices(walk)


def at_ten(walk: Walk, number: int) -> datetime:
    """Ten o'clock on the day that the plan has for this visit."""
    return local(walk.begins, "10:00", days=(8, 11, 15, 18, 22, 25)[number - 1])


def own_slot(walk: Walk, session_id: str, at: datetime) -> str:
    """The id of the free time at this instant, as Ada's app sees it."""
    stretch = {"from": sent(at), "until": sent(at + timedelta(minutes=1))}
    (slot,) = walk.ada.get(f"/v1/me/sessions/{session_id}/slots", **stretch)["items"]
    return str(slot["id"])


def book(walk: Walk, session: dict[str, Any], slot: str, expect: int = 200) -> Answer:
    door = f"/v1/me/sessions/{session['id']}/booking"
    return walk.ada.ask("PUT", door, {"slot": slot}, key=new_key("book"), edition=session["edition"], expect=expect)


def refused(walk: Walk, first_at: datetime) -> None:
    """The last visit on the day after the first one: too soon, and far outside its span."""
    report, last = walk.report, walk.dose(6)
    next_day = first_at + timedelta(days=1)
    slot = walk.slot(last["id"], next_day)
    answer = book(walk, last, slot["id"], expect=409)
    for refusal in answer.body["refusals"]:
        report.shows(refusal["say"])
    report.same("the reasons that staff foresaw", answer.codes, {refusal["code"] for refusal in slot["refusals"]})
    report.holds("more than one of them", answer.codes, so={"too_soon", "outside_span"} <= answer.codes)
    earliest = next(each["data"]["earliest"] for each in answer.body["refusals"] if each["code"] == "too_soon")
    report.holds("with the earliest time that is allowed", earliest, so=parsed(earliest["at"]) > next_day)
    door, wish = f"/v1/me/sessions/{last['id']}/booking", {"slot": slot["id"]}
    without = walk.ada.ask("PUT", door, wish, key=new_key("book"), expect=428)
    report.same("without If-Match: say which edition you saw", without.kind, "if-match-missing")
    stale = walk.ada.ask("PUT", door, wish, key=new_key("book"), edition=99, expect=412)
    report.same("with another edition: it changed since you looked", stale.kind, "stale")
    naive = {"from": f"{next_day:%Y-%m-%dT%H:%M:%S}"}
    vague = walk.ada.ask("GET", f"/v1/me/sessions/{last['id']}/slots", query=naive, expect=422)
    report.same(
        "a time without its offset is refused by name", [each["field"] for each in vague.body["fields"]], ["from"]
    )
    report.same("nothing was half booked", walk.dose(6)["status"], "planned")


def notices(walk: Walk) -> None:
    report = walk.report
    report.step("Two minutes after the last booking each of them hears of all six in one text.")
    walk.pass_time(minutes=3)
    times = [when(at_ten(walk, number)) for number in range(1, 7)]
    report.one_text("Ada", walk.texts_to(ADA), "Your visits are booked", *times)
    report.one_text("Sam", walk.texts_to(SAM), "Ada's visits are booked", *times)
    report.same("the first visit waits for its answers", walk.steps(walk.dose(1)["id"])["verdict"], "waiting")
    now = walk.ada.get("/v1/me/now")
    report.same("the app shows it as the next one", now["next_session"]["starts_at"]["say"], times[0])
    report.holds("and whom to call", now["call"], so=bool(now["call"]["phone"]) and day(at_ten(walk, 1)) in times[0])
