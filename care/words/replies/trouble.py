"""Does a text speak of what keeps people from a visit: a ride that fell through, being ill, being late?"""

import re

from care.words.replies.folding import folded

_TROUBLE = re.compile(
    r"\b(?:ride|car|uber|lyft|taxi|cab|bus|train|driver|drive|driving|tire|battery|crash|accident|traffic|stuck|late"
    r"|sick|ill|fever|flu|cold|cough|covid|vomit\w*|throw\w* up|nause\w*|stomach|headache|migraine|dizzy|hospital|er"
    r"|today|this morning|ate|eaten|drank|drunk|cancel\w*|cant make|cannot make|fell through|not coming"
    r"|carro|coche|auto|chofer|manej\w*|transporte|trafico|tarde|enferm[oa]|fiebre|gripe|tos|vomit\w*|mareo|maread[oa]"
    r"|dolor|hospital|hoy|esta manana|comi|bebi|no puedo ir|no llego)\b"
)


def speaks_of_trouble(body: str) -> bool:
    """Whether somebody should ask if it is about the visit at hand; a word too many costs a call, one missed costs a dose."""
    return bool(_TROUBLE.search(folded(body)))
