"""What do the kinds say that stand alone: after a visit, to a support person, and in answer to someone who wrote?"""

from collections.abc import Callable, Mapping, Sequence

from care.facts import Part
from care.words.texts.dates import WEEK
from care.words.texts.voice import Piece, Voice

Telling = Callable[[Voice, Piece], list[str]]


def crisis_text(voice: Voice, piece: Piece) -> list[str]:
    """The clinic's own words, where it has some."""
    return [voice.names.get("crisis_text") or voice.phrase("crisis_text")]


def post_rules(voice: Voice, piece: Piece) -> list[str]:
    nameless = voice.part is Part.SUPPORT and not voice.has_patient_name
    rules = voice.clause("after.join").join(_rules(voice, piece))
    if piece.fills.get("changed") and voice.hears_preparation:
        return [voice.phrase("after.changed", rules=rules), voice.phrase("after.worried")]
    done = voice.phrase("after.nameless" if nameless else "after", rules=rules)
    stay = [voice.phrase("after.stay", **piece.fills)] if piece.fills.get("stay_until") else []
    return [done, *stay, voice.phrase("after.worried")]


def _rules(voice: Voice, piece: Piece) -> list[str]:
    """What must wait until when; a time that is days away is said with its date."""
    known = {name: piece.fills[f"{name}_until"] for name in ("driving", "alcohol") if piece.fills.get(f"{name}_until")}
    moments = {name: voice.moment(until) for name, until in known.items()}
    soonest = min(moment.at for moment in moments.values())
    return [
        voice.clause(f"after.{name}", until=moment.clock if moment.at - soonest < WEEK else moment.when)
        for name, moment in moments.items()
    ]


def support_invite(voice: Voice, piece: Piece) -> list[str]:
    if voice.part is Part.PATIENT:
        return [voice.phrase("invite.declined" if piece.fills.get("declined") else "invite.not_heard")]
    link = [voice.phrase("invite.link", link=voice.links["invite"])] if "invite" in voice.links else []
    invite = voice.phrase("invite" if voice.has_patient_name else "invite.nameless")
    return [invite, voice.phrase("invite.reply"), *link]


def integration_book(voice: Voice, piece: Piece) -> list[str]:
    link = voice.links.get("integration")
    return [voice.phrase("integration_book" if link else "integration_book.call", **piece.fills, link=link)]


def moved_answer(voice: Voice, piece: Piece) -> list[str]:
    """What holds now, with the question anew, for someone whose answer was about an earlier time."""
    now, visit = piece.fills.get("starts_at"), voice.visit(piece.fills.get("session_kind"))
    late = voice.phrase("moved_answer", was=piece.fills["was"])
    if not now:
        return [late, voice.phrase("moved_answer.off", visit=visit)]
    asks = voice.phrase("question", asks=voice.phrase("ask.new_time", days=voice.moment(now).day))
    return [late, voice.phrase("moved_answer.now", visit=visit, starts_at=now), asks, voice.phrase("reply")]


def login_code(voice: Voice, piece: Piece) -> list[str]:
    return [voice.phrase("login_code", code=voice.names.get("code") or piece.fills["code"])]


def as_written(voice: Voice, piece: Piece) -> list[str]:
    return [voice.phrase(piece.kind, **piece.fills)]


FIRST: dict[str, Telling] = {"crisis_text": crisis_text, "post_rules": post_rules, "safety_check": as_written}

LAST: dict[str, Telling] = {
    "support_invite": support_invite,
    "integration_remind": as_written,
    "integration_book": integration_book,
    "moved_answer": moved_answer,
    "thanks_answer": as_written,
    "call_answer": as_written,
    "unclear_answer": as_written,
    "help_text": as_written,
    "opted_in_text": as_written,
    "login_code": login_code,
}


def tellings(voice: Voice, pieces: Sequence[Piece], kinds: Mapping[str, Telling]) -> list[str]:
    """The sentences of these kinds, in the order of `kinds`; what two pieces say alike is said once."""
    sentences = [
        words for kind, tell in kinds.items() for piece in pieces if piece.kind == kind for words in tell(voice, piece)
    ]
    return list(dict.fromkeys(sentences))
