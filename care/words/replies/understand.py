"""What does a text from a person mean? What is not surely understood is unclear, and goes to a person."""

from dataclasses import dataclass
from enum import StrEnum

from care.facts import Step
from care.words.replies.answers import answer, urgent_words
from care.words.replies.crisis import crisis_words
from care.words.replies.folding import folded, without_courtesy
from care.words.replies.opt_out import CANCEL_WORDS, beyond_opt_out, opt_out_words

OPT_IN = frozenset({"start", "unstop"})
OPT_IN_AGAIN = frozenset({"yes", "si", "iniciar", "inicio", "comenzar", "empezar", "alta", "resume"})
HELP = frozenset({"help", "info", "ayuda", "informacion", "information"})


class Intent(StrEnum):
    YES = "yes"
    NO = "no"
    CALL = "call"
    URGENT = "urgent"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    CRISIS = "crisis"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means, and the words that decided it.

    `opt_out` also holds beside a crisis. `cancel_word`: the opt-out may have meant the visit. `beyond`: what an opting-out text
    says besides, which somebody has to read. An unclear text that is nothing but greetings and thanks has its words too: it
    asks for nothing.
    """

    intent: Intent
    opt_out: bool = False
    cancel_word: bool = False
    words: tuple[str, ...] = ()
    beyond: str = ""


def understand(body: str, *, open_steps: frozenset[Step] | None, opted_out: bool) -> Meaning:
    """The meaning of a text whose one open question asks about `open_steps` (None: no question is open). Never raises.

    A digit without an open question still says yes, no or call; the caller decides what it may be about. Of someone who opted
    out only digits are read as answers: their yes means texts again, and never a confirmation.
    """
    words = folded(body)
    danger, leaving = crisis_words(words), opt_out_words(words)
    cancel_word = bool(CANCEL_WORDS.intersection(leaving))
    if danger:
        return Meaning(Intent.CRISIS, opt_out=bool(leaving), cancel_word=cancel_word, words=danger + leaving)
    if leaving:
        return Meaning(
            Intent.OPT_OUT, opt_out=True, cancel_word=cancel_word, words=leaving, beyond=beyond_opt_out(words)
        )
    return _keyword(without_courtesy(words), OPT_IN | OPT_IN_AGAIN if opted_out else OPT_IN) or _answer(
        body, words, frozenset() if opted_out else open_steps or frozenset()
    )


def _keyword(words: str, opting_in: frozenset[str]) -> Meaning | None:
    if words in opting_in:
        return Meaning(Intent.OPT_IN, words=(words,))
    if words in HELP:
        return Meaning(Intent.HELP, words=(words,))
    return None


def _answer(body: str, words: str, open_steps: frozenset[Step]) -> Meaning:
    value = answer(body, open_steps)
    if value is not None:
        return Meaning(Intent(value.value), words=(words,))
    if urgent_words(words):
        return Meaning(Intent.URGENT, words=(words,))
    return Meaning(Intent.UNCLEAR, words=(words,) if words and not without_courtesy(words) else ())
