"""Does the writer want no more texts, or texts again? Their word counts at once, and what else they said is read."""

from actions.texts.contacts import opt_in, opt_out
from actions.texts.understand.heard import Heard, call_upon, say
from actions.texts.understand.visits import under_care
from care.facts import Role
from care.tasks import TaskCode
from care.words.replies import Intent, Meaning


def follow_opt_out(heard: Heard, meaning: Meaning) -> None:
    """ "Stop, it hurts" ends texts and says more; after a dose a bare "stop" may mean something else too."""
    about, now = heard.about, heard.now
    opt_out(heard.contact, source="text", now=now, may_cancel=meaning.cancel_word, said=heard.reply.body)
    worrying = meaning.beyond or heard.is_checked or under_care(heard.patients.values(), now) is not None
    if worrying and meaning.intent is not Intent.CRISIS:
        call_upon(heard, Role.CLINICIAN, TaskCode.OPTED_OUT_WORRYING, about, urgent=True)


def follow_opt_in(heard: Heard) -> None:
    if heard.contact.opted_out_at is not None:
        opt_in(heard.contact, source="text", now=heard.now)
    say(heard, "opted_in_text", unique=f"{heard.now:%Y%m%d%H}")
