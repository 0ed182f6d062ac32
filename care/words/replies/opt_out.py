"""Does someone want no more texts? The networks' words, those of the law, and plain requests in both languages.

47 CFR 64.1200(a)(10): stop, quit, end, revoke, opt out, cancel and unsubscribe count by themselves, and so does any other
reasonable wording.
"""

import re

from care.words.replies.folding import listed, without_courtesy

CANCEL_WORDS = listed("cancel cancell cancle cancelar cancela cancele cancelen")
WORDS = CANCEL_WORDS | listed(
    """stop stopp stpo sotp stopall stopit unsubscribe unsuscribe unsubscribeme unsub end endall quit revoke optout optmeout
    remove removeme alto parar pare paren detener detenga basta baja dardebaja darmedebaja desuscribir desuscribirme arret"""
)

_NOT_DONT = r"(?<!\bdont )(?<!\bdo not )(?<!\bnever )(?<!\bwont )"
_NOT_NO = r"(?<!\bno )(?<!\bnunca )"
_TEXTS = r"(?:text\w*|txt\w*|messag\w*|msg\w*|sms|reminder\w*|notification\w*|alert\w*)"
_MENSAJES = r"(?:mensaj\w*|textos?|sms|recordatorios?|avisos?|notificacion\w*)"
_MANDEN = r"(?:manden?|mandes|envien?|envies|escriban?|escribas|texteen?|contacten?|contactes|molesten?|molestes)"

# What people put round such a request without saying anything else.
_FILLERS = listed(
    """i im me my us our you your u it this that these those the a an and to of from for on off in at all any more anymore again
    ever now just ok okay yes no please dont do not want wish need like can could will would already immediately asap
    today forever number phone list name texts text messages message sms reminders sending texting here there guys people
    yo me mi mis nos su sus tu ya no mas los las la el lo de del un una nada nunca a al por que quiero deseo ahora favor
    lista numero telefono mensajes mensaje textos esto estos recibir manden mandar"""
)

PHRASES = [
    re.compile(pattern)
    for pattern in (
        rf"{_NOT_DONT}\bstop (?:\w+ ){{0,2}}{_TEXTS}",
        rf"{_NOT_DONT}\b(?:stop|quit) (?:sending|texting|messaging|contacting|calling|bothering|bugging|spamming)\b",
        r"^stop\b(?! (?:eat|drink|food|by\b|at\b|taking|when|driv|smok|med|alcohol))",
        r"^(?:ok|okay|just|yes|no|enough|can you|could you|will you)(?: (?:ok|just|now))* stop$",
        rf"\bno more {_TEXTS}",
        rf"\b(?:dont|do not|never|no longer) (?:want|wish|need|like)(?: \w+){{0,4}} {_TEXTS}",
        r"\b(?:dont|do not|never) (?:ever )?(?:text|txt|message|msg|contact) (?:me|us|this|my|here|again|any)",
        rf"\b(?:dont|do not|never) (?:ever )?send (?:\w+ ){{0,3}}{_TEXTS}",
        rf"{_NOT_DONT}\b(?:remove|delete|unsubscribe) (?:me|us|my (?:phone )?number|this (?:phone )?number)\b",
        rf"{_NOT_DONT}\btake (?:me|us|my (?:phone )?number|this (?:phone )?number) off",
        rf"{_NOT_DONT}\b(?:opt|opting|opted) (?:me )?out\b",
        rf"{_NOT_DONT}\bunsubscribe\b",
        r"\b(?:revoke|revoking|withdraw|withdrawing) (?:my )?(?:consent|permission)\b",
        r"\bleave me alone\b",
        r"\bwrong (?:number|person)\b",
        rf"\bno (?:me|nos) {_MANDEN}\b(?! (?:el|la|un|una)\b)",
        rf"\bno {_MANDEN} (?:\w+ ){{0,2}}{_MENSAJES}",
        rf"\bno (?:quiero|deseo) (?:\w+ ){{0,3}}{_MENSAJES}",
        rf"\bno (?:quiero|deseo) que me {_MANDEN}\b",
        rf"\b(?:no|ni un) mas {_MENSAJES}|\bni un {_MENSAJES} mas\b",
        rf"{_NOT_NO}\b(?:dejen?|dejar?|dejes|paren?|parar?) de (?:mandar|enviar|escribir|textear|mensajear|molestar|contactar)",
        r"\b(?:dar|darme|den|denme|deme|dame|doy|pido|quiero)(?: \w+)? baja\b",
        r"\b(?:quit|borr|saqu|elimin)(?:ar|e|en|a)(?:me)? (?:de (?:la|esta|su) lista|mi (?:numero|telefono)|este numero)",
        rf"\bcancel(?:ar|en|e)? (?:la |mi )?(?:suscripcion|{_MENSAJES})|\bcancel(?:ar|en|e)? (?:los|estos|sus) {_MENSAJES}",
        rf"\bcancel (?:the |these |my |all )*{_TEXTS}",
        r"\bnumero equivocado\b|\bse equivoco de numero\b|\bpersona equivocada\b",
    )
]


def opt_out_words(words: str) -> tuple[str, ...]:
    """What in a folded text asks for no more texts; empty when nothing does."""
    whole = without_courtesy(words).replace(" ", "")
    if whole in WORDS:
        return (whole,)
    return tuple(found.group().strip() for pattern in PHRASES if (found := pattern.search(words)))


def beyond_opt_out(words: str) -> str:
    """What an opting-out text says besides: "it hurts" of "stop it hurts"; empty when it says no more than that."""
    whole = without_courtesy(words)
    if whole.replace(" ", "") in WORDS:
        return ""
    for pattern in PHRASES:
        whole = pattern.sub(" ", whole)
    return "" if set(whole.split()) <= _FILLERS | WORDS else " ".join(whole.split())
