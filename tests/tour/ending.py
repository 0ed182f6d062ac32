"""Does "cancel" cancel? And then the ledger is judged: nothing lost, nothing twice, nothing at night, one outcome each."""

import re
from collections import Counter
from datetime import timedelta
from typing import Any

from care.kinds import KINDS, Quiet
from tests.standin.ledger import taken_in
from tests.tour.walk import ADA, SAM, Walk, eventually
from tests.tour.words import is_quiet, parsed


def cancelling(walk: Walk) -> None:
    report = walk.report
    report.chapter('Sam texts "CANCEL"')
    report.step("It is a word that ends texts. It is not a word that cancels a visit.")
    before = {dose["number"]: dose["status"] for dose in walk.doses()}
    walk.texts_to(SAM)
    walk.reply(SAM, "CANCEL")
    report.same("every visit stands", {dose["number"]: dose["status"] for dose in walk.doses()}, before)
    report.same("Cora is asked to call him, urgently", walk.reasons("coordinator").get("opted_out_may_cancel"), True)
    walk.pass_time(hours=30)
    report.silence("he gets no text any more", walk.texts_to(SAM))
    report.holds("Ada still does", True, so=bool(walk.texts_to(ADA)))


def judging(walk: Walk) -> None:
    report, ledger = walk.report, taken_in(walk.world.ledger)
    report.chapter("The provider's ledger is judged")
    report.step("What the provider took in is what the clinic says it sent: each text once.")
    ended = eventually(lambda: _all_ended(walk))
    report.holds("every text that went out has its outcome", ended, so=bool(ended))
    sent = [each for each in _messages(walk) if each["direction"] == "out" and each["outcome"] == "delivered"]
    theirs, ours = Counter(_as_staff_see(each["body"]) for each in ledger), Counter(each["body"] for each in sent)
    report.same(f"{len(ledger)} texts there, {len(sent)} here, the same ones", theirs, ours)
    report.same("every one under a token of its own", len({each["callback"] for each in ledger}), len(ledger))

    report.step("Every reminder was sent at most once, and whatever ended has one outcome.")
    reminders = walk.cora.all("/v1/reminders", patient=walk.patient_id)
    gone = [each for each in reminders if each["outcome"] == "delivered"]
    same = Counter(
        (each["person_id"], each["kind"], each["subject_id"], each["repeat"], each["due_at"]["at"]) for each in gone
    )
    report.same(
        f"{len(gone)} reminders in {len(sent)} texts, none twice", [key for key, n in same.items() if n > 1], []
    )
    unclear = [each for each in reminders if (each["stage"] == "ended") != (each["outcome"] is not None)]
    report.same("none without an outcome, none with one too early", unclear, [])
    under_way = {each["stage"] for each in reminders} - {"waiting", "ended"}
    report.same("none stuck between", under_way, set())
    a_minute_ago = walk.now() - timedelta(minutes=1)
    waiting = [each for each in reminders if each["stage"] == "waiting"]
    late = [each["kind"] for each in waiting if parsed(each["look_at"]["at"]) < a_minute_ago]
    report.same("none forgotten", late, [])

    report.step("No text at night, but for the few that are about safety.")
    at_night = [each for each in sent if is_quiet(parsed(each["at"]["at"])) and not _exempt(each)]
    report.same("from nine to eight", [(each["at"]["say"], each["kinds"]) for each in at_night], [])
    report.same("and the server owes nobody a text", walk.cora.get("/readyz")["status"], "ready")


def _messages(walk: Walk) -> list[dict[str, Any]]:
    return walk.cora.all("/v1/messages", patient=walk.patient_id)


def _all_ended(walk: Walk) -> bool:
    return all(each["stage"] == "ended" for each in _messages(walk) if each["direction"] == "out")


def _exempt(message: dict[str, Any]) -> bool:
    return all(KINDS[kind].quiet is Quiet.EXEMPT for kind in message["kinds"])


def _as_staff_see(body: str) -> str:
    """A login code is its patient's alone: whoever reads the clinic's messages sees stars."""
    return re.sub(r"\b\d{8}(?= is your code)", "********", body)
