"""How are people asked, and what if a time changes meanwhile? Texts, answers, a provider's bad day, a move, a late answer."""

from datetime import datetime, timedelta

from tests.tour.client import new_key
from tests.tour.walk import ADA, SAM, Walk
from tests.tour.words import clock, day, parsed, when


def asking(walk: Walk) -> None:
    report, first = walk.report, walk.dose(1)
    at = parsed(first["starts_at"]["at"])
    report.chapter("The questions before the first visit")
    report.step("Three days before, Ada is asked whether she can make it. The provider is busy and says: later.")
    walk.world.bad_days({"status": 429, "code": 20429})
    walk.go_to(at - timedelta(hours=72))
    report.silence("nothing got out at first", walk.texts_to(ADA))
    walk.pass_time(minutes=1)
    arrive_by = clock(at - timedelta(minutes=15))
    report.one_text(
        "then once", walk.texts_to(ADA), when(at), f"arrive by {arrive_by}", "Can you make it", "Reply 1 yes"
    )
    walk.reply(ADA, "1")
    report.same("her yes is known", walk.steps(first["id"])["attendance"], "yes")

    report.step(
        "Two days before: a ride for Ada, Sam himself. The provider takes both texts and both of its answers get lost."
    )
    walk.world.bad_days({"lost": True}, {"lost": True})
    walk.go_to(at - timedelta(hours=48))
    walk.pass_time(minutes=1)
    report.one_text("Ada hears it once all the same", walk.texts_to(ADA), when(at), "Do you have a ride home")
    report.one_text("so does Sam", walk.texts_to(SAM), f"Ada's visit is {when(at)}", "Can you be there")
    walk.reply(ADA, "1")
    steps = walk.steps(first["id"])
    report.same("the ride is settled, Sam is not", (steps["transport"], steps["support"]), ("yes", "waiting"))


def moving(walk: Walk) -> None:
    report, doses = walk.report, walk.doses()
    first, was = doses[0], [parsed(dose["starts_at"]["at"]) for dose in doses[:2]]
    thursday = was[0] + timedelta(days=2)
    report.chapter("Cora moves the first visit")
    report.step("She looks what a move from Tuesday to Thursday would bring. Nothing is written yet.")
    slot = walk.slot(first["id"], thursday)["id"]
    door = f"/v1/sessions/{first['id']}"
    wish = {"verb": "move", "slot": slot}
    plan = walk.cora.ask("POST", f"{door}/changes/preview", wish).body
    moves = {move["number"]: (parsed(move["was"]["at"]), parsed(move["to"]["at"])) for move in plan["moves"]}
    for number, (old, new) in sorted(moves.items()):
        report.shows(f"visit {number}: {when(old)} -> {when(new)}")
    report.same("Friday is too soon after it, so the second moves too, and no other", sorted(moves), [1, 2])
    report.same("nothing stands against it", plan["refusals"], [])
    report.same("both people would be told", set(plan["told"]), {walk.patient_id, walk.sam_id})
    void = {each["step"] for each in plan["void"]}
    report.same("and Ada's answers about Tuesday would no longer count", void, {"attendance", "transport"})
    report.same("the first visit is where it was", walk.dose(1)["starts_at"]["say"], when(was[0]))

    report.step("Meanwhile Milo gives the last visit another chair. Her plan is stale: she sees the new one first.")
    reseat(walk)
    agreed = {**wish, "plan": plan["token"], "reason": "Ada travels until Wednesday."}
    stale = walk.cora.ask("POST", f"{door}/changes", agreed, key=new_key("move"), expect=412)
    report.same("412", stale.kind, "plan-stale")
    differing = [each["session_id"] for each in stale.body["differs"]]
    report.same("it names the visit that changed", differing, [walk.dose(6)["id"]])
    fresh = stale.body["preview"]
    report.same("with the plan as it is now", [move["number"] for move in fresh["moves"]], [1, 2])
    report.same("nothing moved", walk.dose(1)["starts_at"]["say"], when(was[0]))
    walk.cora.ask("POST", f"{door}/changes", {**agreed, "plan": fresh["token"]}, key=new_key("move"))
    now_at = [parsed(dose["starts_at"]["at"]) for dose in walk.doses()[:2]]
    report.same("with the new plan it moves", now_at, [moves[1][1], moves[2][1]])
    steps = walk.steps(first["id"])
    unsaid = {name: steps[name] for name in ("attendance", "transport", "support")}
    report.holds("what was said about Tuesday no longer counts", unsaid, so="yes" not in unsaid.values())
    hearing_of_it(walk, was, now_at)


def reseat(walk: Walk) -> None:
    last = walk.dose(6)
    at = parsed(last["starts_at"]["at"])
    slot = walk.slot(last["id"], at)["id"]
    door, wish = f"/v1/sessions/{last['id']}/changes", {"verb": "reseat", "slot": slot}
    plan = walk.milo.ask("POST", f"{door}/preview", wish).body["token"]
    agreed = {**wish, "plan": plan, "reason": "The window seat."}
    walk.milo.ask("POST", door, agreed, key=new_key("reseat"))


def hearing_of_it(walk: Walk, was: list[datetime], now_at: list[datetime]) -> None:
    report, first = walk.report, walk.dose(1)
    report.step("Before anyone is told, Sam answers the old question.")
    walk.reply(SAM, "1")
    news = (f"That answer was for {when(was[0])}", f"is now {when(now_at[0])}", "OK?")
    report.one_text("he hears that it moved, and is asked anew", walk.texts_to(SAM), *news)
    support = walk.steps(first["id"])["support"]
    report.holds("his yes to Tuesday is no yes to Thursday", support, so=support != "yes")
    report.same("no answer about the new time is kept", answered(walk, first["id"]), [])
    walk.reply(SAM, "1")
    report.same("this yes is about the new time", answered(walk, first["id"]), ["new_time"])

    report.step(
        "Two minutes after the move Ada hears of both new times, in one text. Sam hears of the one he does not know yet."
    )
    walk.pass_time(minutes=3)
    both = [f"{when(old)} is now {when(new)}" for old, new in zip(was, now_at, strict=True)]
    report.one_text("one for Ada", walk.texts_to(ADA), *both, "Old prep times no longer apply")
    rest = walk.texts_to(SAM)
    report.one_text("one for Sam", rest, day(was[1]), when(now_at[1]))
    walk.reply(ADA, "1")
    walk.reply(SAM, "1")
    steps = walk.steps(first["id"])
    report.holds("a yes to the new time is not yet a ride", steps, so=steps["transport"] != "yes")


def answered(walk: Walk, session_id: str) -> list[str]:
    """What was said about the session's present version, by the record."""
    version = walk.session(session_id)["version"]
    said = [entry for entry in walk.cora.all("/v1/record", patient=walk.patient_id) if entry["verb"] == "confirm"]
    mine = [entry["facts"] for entry in said if entry["subject_id"] == session_id]
    return [facts["step"] for facts in mine if facts["version"] == version]
