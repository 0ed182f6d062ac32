"""Might someone be in danger? Words for wanting to die, for harm and for a medical emergency, in both languages, misspelt too.

A list misses much; what it misses is read by a person as anything else that is not understood.
"""

import re

from care.words.replies.folding import listed

SUICIDE = listed(
    "suicide suicides suicidal suicidality suicidio suicida suicidar suicidarme suicidarse suicidarte suicidando"
)

_SELF = r"(?:my ?sel[fv]\w*|mself|meself)"
_WANT = r"(?:quiero|kiero|qiero|quero|quisiera|deseo|prefiero|voy a|pienso|pensando en|planeo)"
_LIVING = r"(?:live|be alive|exist|go on|wake up|be here any ?more|be here no more|keep living|keep going)"

PHRASES = [
    re.compile(pattern)
    for pattern in (
        # English
        r"\b(?:suis[iy]d\w*|susid\w*|sucicid\w*|suacid\w*|suiced\w*|suicied\w*|sewer ?slid\w*|unaliv\w*|kms)\b",
        rf"\bkil+(?:ing|ed)? (?:{_SELF}|him|her|them|someone|somebody|people|every ?one)\b",
        r"\bend(?:ing)? (?:my (?:own )?lif\w*|it all)\b",
        r"\btak(?:e|ing) my (?:own )?lif\w*",
        r"\b(?:want|wanna|wana|wan|going|gonna|gona|ready|tr(?:y|ying)|plan(?:ning)?|like|rather)(?: too?)?(?: just)? "
        r"(?:die|dye(?! (?:my|her|his|our|the|it))|be dead|kil+)\b",
        r"\b(?:want to|wanna|going to|gonna|ready to|plan(?:ning)? to|thinking (?:about|of)) (?:just )?end(?:ing)? it\b"
        r"(?! (?:earl|soon|at|by|on|with|before|after))",
        r"\b(?:kill me|let me die|should be dead)\b",
        r"\b(?:tired|sick) of (?:living|life|being alive)\b|\bdone with (?:life|living|it all|everything)\b",
        r"\b(?:want|wanna|wish)(?: to| i could)?(?: just)? (?:disappear|vanish|sleep (?:and|forever))\b",
        r"\b(?:sleep|want|wanna|wish)\b.{0,25}\b(?:never|not) wake up\b",
        r"\bi (?:have|got|bought) a (?:gun|noose|rope)\b",
        r"\bwish i (?:was|were|am) dead\b|\bwish i (?:wasnt|werent|was not|were not) (?:alive|here|born)\b",
        r"\bwish i (?:could die|would die|would not wake up|wouldnt wake up|never woke up|had never been born)\b",
        r"\bbetter off (?:dead|without me|if i (?:was|were|am|wasnt|werent))\b|\brather be dead\b",
        rf"\b(?:hurt|harm|cut|hang|shoot|drown|poison|stab)(?:t?ing)? {_SELF}\b",
        r"\bself ?harm\w*|\bover ?dos(?:e|ed|ing|es)\b|\bi (?:just )?(?:odd|od|oded|od ed)\b",
        r"\b(?:no|any|a) (?:reason|point) (?:to|in|for) (?:live|living|going on|go on|being alive)\b",
        r"\b(?:not|isnt|aint) worth living\b|\bnothing (?:left )?to live for\b",
        rf"\b(?:dont|do not|no longer|not) (?:want|wanna|wana|wish)(?: too?)? {_LIVING}\b",
        r"\bcan(?:t|not| not) (?:go on|live like this|take (?:it|this) any ?more|do this any ?more)\b",
        r"\b(?:took|taken|swallowed|taking) (?:all|too many|a bunch of|a whole bottle of|the whole bottle)\b.{0,20}"
        r"\b(?:pills?|meds|medicines?|medications?|tablets|bottle)\b",
        r"\b(?:took|swallowed|drank) (?:a|the|my|that|all the|half (?:a|the))(?: whole| entire)? bottle\b(?! of water)",
        r"\b(?:i|ive|i have|she|shes|he|hes) (?:took|taken|swallowed) (?:way |far )?(?:too|so) much\b(?! time)",
        r"\bgood ?bye (?:forever|world|every ?one|cruel)\b",
        r"\b(?:cant|cannot|can not|not|isnt|trouble|hard to|difficulty|stopped) (?:breath|breathe|breathing)\b",
        r"\bchest (?:pains?|hurts)\b|\bheart attack\b|\bhaving a (?:stroke|seizure)\b|\bseizures?\b",
        r"\b(?:wont|will not|cant|doesnt|not) wak(?:e|ing)(?: (?:him|her|them))? up\b|\bunresponsive\b|\bunconscious\b",
        r"\b(?:he|hes|he is|she|shes|she is) (?:not|isnt|wont|stopped) (?:respond|mov)(?:ing)?\b",
        r"\bhit (?:my|her|his|their) head\b",
        # Pain that someone wants to stop: the word alone would only end our texts.
        r"\b(?:stop|no more)\b.{0,12}\b(?:hurts?|hurting|pain|painful)\b|\bmake it stop\b",
        r"\b(?:cant|cannot|can not) (?:stand|bear|take) the pain\b|\b(?:unbearable|terrible|horrible|so much) pain\b",
        r"\bpassed out\b|\bcall(?:ed|ing)? (?:911|988|an ambulance)\b",
        # Spanish
        r"\b(?:matar|ahorcar|suicidar|colgar|lastimar|disparar|envenenar)me\b|\bcortarme (?!el |la barba|las un)",
        rf"\bme {_WANT} (?:a )?(?:matar|morir|ahorcar|lastimar|cortar las venas)",
        rf"\b{_WANT} (?:morir|matar|estar muert[oa])",
        r"\bquitarme la vida\b|\b(?:acabar|terminar) con (?:mi vida|todo)\b|\bhacerme (?:dano|mal)\b|\bautolesi\w*",
        r"\bno (?:quiero|kiero|qiero|deseo) (?:seguir )?(?:vivir|viviendo|existir|existiendo|estar viv[oa]|despertar)",
        r"\bno (?:tengo|me quedan) ganas de (?:vivir|seguir)\b|\bno le (?:veo|encuentro) sentido a (?:la vida|vivir|nada)\b",
        rf"\b{_WANT} desaparecer\b|\b(?:no|ya no) aguanto\b|\bme corte\b(?! (?:el|la barba|las un))",
        r"\bya no (?:quiero|kiero|qiero) (?:estar aqui|seguir)\b|\bno puedo mas\b(?! (?:tarde|temprano|que))",
        r"\bmejor (?:(?:estaria|estoy|estar) )?(?:muert[oa]|sin mi)\b"
        r"|\bojala (?:me muera|me muriera|no despierte|no despertara|estuviera muert[oa])",
        r"\bno (?:vale la pena|tiene sentido) (?:vivir|la vida|seguir)\b|\bsobre ?dosis\b",
        r"\b(?:tome|trague|tomado)\b.{0,12}\b(?:todas|muchas|un monton de|demasiadas)\b.{0,8}\b(?:pastillas|pildoras)\b",
        r"\b(?:tome|trague|bebi) (?:todo )?(?:el|un) (?:frasco|bote)\b|\b(?:me )?tome demasiad[oa]s?\b",
        r"\b(?:alto|basta|pare|paren|para)\b.{0,12}\b(?:duele|dolor)\b|\bque pare el dolor\b",
        r"\bno (?:puedo respirar|respira|despierta|reacciona)\b|\b(?:dolor (?:de|en el)|me duele el) pecho\b",
        r"\binconsciente\b|\bconvulsi\w*|\bataque al corazon\b|\binfarto\b|\bme desmaye\b|\bllam\w+ (?:al 911|a la ambulancia)\b",
    )
]


def crisis_words(words: str) -> tuple[str, ...]:
    """What in a folded text may mean danger to life; empty when nothing does."""
    phrases = [found.group().strip() for pattern in PHRASES if (found := pattern.search(words))]
    return tuple(dict.fromkeys([*phrases, *(word for word in words.split() if _looks_like_suicide(word))]))


def _looks_like_suicide(word: str) -> bool:
    return len(word) >= 6 and any(_one_slip_apart(word, known) for known in SUICIDE)


def _one_slip_apart(word: str, known: str) -> bool:
    """Equal but for one letter too many, too few or wrong, or two swapped."""
    if abs(len(word) - len(known)) > 1:
        return False
    while word and known and word[0] == known[0]:
        word, known = word[1:], known[1:]
    while word and known and word[-1] == known[-1]:
        word, known = word[:-1], known[:-1]
    return max(len(word), len(known)) <= 1 or (len(word) == 2 and word == known[::-1])
