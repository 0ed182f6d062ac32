"""What do the days before a visit bring? Questions about the new time, silence that becomes a task, food and drink in time."""

from datetime import timedelta

from tests.tour.walk import ADA, SAM, Walk
from tests.tour.words import clock, day, local, parsed, weekday, when


def silence(walk: Walk) -> None:
    report, first = walk.report, walk.dose(1)
    at = parsed(first["starts_at"]["at"])
    report.chapter("Ada says nothing about her ride")
    report.step("Everything is asked anew for Thursday. Ada will come, Sam too; about the ride she says nothing.")
    walk.go_to(at - timedelta(hours=71, minutes=55))
    report.one_text("three days before", walk.texts_to(ADA), when(at), "Can you make it")
    walk.reply(ADA, "1")
    walk.go_to(at - timedelta(hours=47, minutes=55))
    report.one_text("two days before", walk.texts_to(ADA), when(at), "Do you have a ride home")
    report.one_text("and Sam", walk.texts_to(SAM), when(at), "Can you be there")
    walk.reply(SAM, "1")
    steps = walk.steps(first["id"])
    found = (steps["attendance"], steps["support"], steps["transport"])
    report.same("two yeses, one open", found, ("yes", "yes", "waiting"))

    report.step("Tuesday comes and goes: not a word about the time that no longer holds.")
    tuesday = at - timedelta(days=2)
    walk.go_to(local(tuesday, "20:59"))
    evening = walk.texts_to(ADA)
    report.holds("nothing about Tuesday", evening, so=not any(day(tuesday) in text for text in evening))
    report.one_text("only what Thursday needs", evening, f"Visit {when(at)}", "Plan a ride")

    report.step("A day before she is asked once more; two hours later her silence is a task for Cora.")
    walk.go_to(at - timedelta(hours=23, minutes=55))
    morning = walk.texts_to(ADA)
    saturday = when(parsed(walk.dose(2)["starts_at"]["at"]))
    of_kind = {
        word: [text for text in morning if word in text] for word in ("Can you make it", "no alcohol", "ride home")
    }
    report.same("three texts, one thing each", sum(map(len, of_kind.values())), len(morning))
    report.one_text("Saturday is asked about in a text of its own", of_kind["Can you make it"], saturday)
    report.one_text("a word on alcohol", of_kind["no alcohol"], clock(at))
    report.one_text("the nudge", of_kind["ride home"], when(at), "Do you have a ride home")
    report.holds(
        "no task yet", walk.reasons("coordinator"), so="transport_unanswered" not in walk.reasons("coordinator")
    )
    walk.go_to(at - timedelta(hours=21, minutes=55))
    report.holds("now it is", walk.reasons("coordinator"), so="transport_unanswered" in walk.reasons("coordinator"))
    report.silence("and Ada is left in peace about it", walk.texts_to(ADA))


def food(walk: Walk) -> None:
    report = walk.report
    at = parsed(walk.dose(1)["starts_at"]["at"])
    thursday, wednesday = weekday(at), weekday(at - timedelta(days=1))
    report.chapter("Food and drink")
    report.step("On the evening before, while she may be texted, Ada reads until when she may eat and drink.")
    walk.go_to(local(at, "21:00", days=-1))
    told = walk.texts_to(ADA)
    words = (
        f"light food from {clock(at - timedelta(hours=8))} {thursday} ({wednesday} night)",
        f"stop eating at {clock(at - timedelta(hours=6))}",
        f"nothing to drink from {clock(at - timedelta(hours=2))} {thursday}",
    )
    report.one_text("every clock time, counted back from the dose", told, *words)
    walk.reply_to_what_was_asked(told)
    report.step("The night is quiet.")
    walk.go_to(local(at, "08:00"))
    report.silence("nothing to Ada from nine to eight", walk.texts_to(ADA))
    heard = [text for text in walk.texts_to(SAM) if "Thu" in text and "Can you" in text]
    report.silence("Sam was not asked again what he had answered", [text for text in heard if day(at) in text])
