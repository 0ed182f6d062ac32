"""How is a reminder named, what became of it, and why is it due then?"""

from collections.abc import Mapping

from web.words.codes import plain

REMINDER = {
    "booked_notice": "Booked",
    "session_confirm": "Can you make it?",
    "prep_bundle": "How to prepare",
    "alcohol_window": "No alcohol",
    "solids_stop": "Stop eating",
    "liquids_stop": "Stop drinking",
    "transport_confirm": "Ride home?",
    "support_invite": "Invitation to support",
    "support_confirm": "Support person there?",
    "support_present": "Are you there now?",
    "arrival": "When to arrive",
    "post_rules": "Rules for afterwards",
    "safety_check": "How are you?",
    "integration_book": "Choose an integration time",
    "integration_remind": "Integration ahead",
    "change_notice": "Moved",
    "cancel_notice": "Called off",
    "crisis_text": "Crisis numbers",
    "help_text": "Help",
    "opted_in_text": "Texts are on again",
    "moved_answer": "That answer was for the old time",
    "unclear_answer": "A person will read this",
    "thanks_answer": "Thank you",
    "call_answer": "We will call you",
    "login_code": "Code to sign in",
}

OUTCOME_TONE = {
    "delivered": "good",
    "undelivered": "bad",
    "unreported": "wait",
    "unconfirmed": "wait",
    "failed": "bad",
    "expired": "bad",
    "cancelled": "soft",
    "suppressed": "soft",
}

SHIFTED = {
    "earlier_for_quiet_hours": "moved earlier because of quiet hours",
    "later_for_quiet_hours": "moved later because of quiet hours",
    "earlier_for_a_visit": "sent earlier because a visit is under way then",
    "later_for_a_visit": "sent later because a visit is under way then",
    "needed_late": "needed only when its moment had passed",
    "needed_in_quiet_hours": "needed in quiet hours, with no lawful moment left",
    "too_late": "no lawful moment left",
}

AT = {
    "morning": "that morning",
    "named": "when they are named",
    "declined": "at once after the no of the support person",
}

ANCHOR = {
    "dose": "the dose",
    "start": "the start",
    "end": "the end",
    "discharge": "the discharge",
    "arrival": "the arrival",
    "morning": "that morning",
    "named": "being named",
    "declined": "the no of the support person",
    "change": "the change",
    "alcohol_window": "the start of the window",
    "solids_stop": "the end of solid food",
    "liquids_stop": "the end of drinks",
    "integration": "the integration session",
}


def why_words(why: Mapping[str, str]) -> str:
    """Why a reminder is due when it is: "72 h before the dose, moved earlier because of quiet hours"."""
    offset, rule = why.get("offset", ""), why.get("rule", "")
    anchor = ANCHOR.get(rule) or plain(rule)
    amount = offset.lstrip("+-")
    side = "before" if offset.startswith("-") else "after"
    hung = AT.get(rule, f"at {anchor}") if amount.startswith("0 ") else f"{amount} {side} {anchor}"
    shifted = why.get("shifted", "no")
    moved = "" if shifted == "no" else f", {SHIFTED.get(shifted) or plain(shifted)}"
    return f"{hung}{moved}" if rule else ""
