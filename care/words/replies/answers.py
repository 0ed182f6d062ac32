"""Which answer is it? Digits first; plain words only where exactly one question is open; anything more is unclear."""

import re
import unicodedata
from collections.abc import Collection, Mapping

from care.facts import Step, Value
from care.words.replies.folding import folded, listed, without_courtesy

SHORT = 60  # letters: what is longer says more than an answer, and could be read in too many ways to try
SAFETY = frozenset({Step.SAFETY_EVENING, Step.SAFETY_NEXT_DAY})
NUMBER_WORDS = {"one": "1", "uno": "1", "two": "2", "dos": "2", "three": "3", "tres": "3"}
ASKED_WITH_DIGITS = {"1": Value.YES, "2": Value.NO, "3": Value.CALL}
SAFETY_DIGITS = {"1": Value.YES, "2": Value.CALL, "3": Value.URGENT}
CALL_ONLY = {"3": Value.CALL}  # choosing a time is done on a page; only the call is offered as a digit

YES = """yes|yes i can|yes i will|yes i do|yes to all|yes all|yea|yeah|yep|yup|y|ya|ok|okay|okey|k|kk|sure|of course|absolutely
    |definitely|confirm|confirmed|i confirm|all yes|correct|i will|i can|i do|i accept|accept|accepted|agreed|i agree|will do
    |ill be there|i will be there|will be there|see you then|see you there|works for me|that works|sounds good|perfect
    |si|si puedo|si tengo|si acepto|si a todo|todo si|s|claro|claro que si|por supuesto|vale|de acuerdo|confirmo|confirmado
    |confirmada|confirmar|acepto|correcto|perfecto|ahi estare|alli estare|asi es|esta bien|puedo|me queda bien"""
HERE = """here|im here|i am here|we are here|arrived|im there|i am there|present|aqui estoy|estoy aqui|ya estoy|ya llegue
    |llegue|aqui"""
FINE = """ok|okay|fine|good|great|well|im ok|im okay|im fine|im good|im well|i am ok|i am fine|i am good|all good|all ok|doing ok
    |doing fine|doing good|doing well|doing great|feel good|feeling good|feel fine|feeling fine|i feel good|i feel fine|very good
    |si|bien|muy bien|todo bien|estoy bien|me siento bien|si estoy bien|todo va bien|mejor"""
NO = """no|n|nope|nah|no i cant|i cant|cant|i cannot|cannot|can not|i can not|cant make it|cannot make it|i cant make it
    |wont make it|i wont make it|not coming|im not coming|i am not coming|problem|a problem|i have a problem|decline|i decline
    |no puedo|no podre|no voy|no ire|no tengo|no acepto|problema|hay un problema|tengo un problema|un problema|imposible"""
UNWELL = """no|nope|not good|not well|not great|not so good|not ok|not okay|not fine|not really|bad|badly
    |very bad|really bad|so bad|feel bad|i feel bad|feeling bad|im feeling bad|not feeling good
    |not feeling well|im not good|im not ok|im not okay|im not well|i am not ok|i am not well
    |im not feeling well|i dont feel good|i dont feel well|dont feel good|awful|terrible|horrible|worse|sick
    |i feel sick|unwell|i feel awful|i feel terrible|mal|muy mal|no muy bien|no estoy bien|no me siento bien
    |me siento mal|me siento muy mal|estoy mal|estoy muy mal|peor|fatal"""
CALL = """call|call me|can you call|can you call me|could you call me|call me back|give me a call|i want a call|want a call
    |need a call|phone me|llamar|llamame|llameme|llamenme|que me llamen|quiero que me llamen|llamen|una llamada
    |quiero una llamada|me pueden llamar|me puede llamar"""
URGENT = """urgent|its urgent|this is urgent|emergency|its an emergency|this is an emergency|it hurts|it really hurts
    |it hurts so much|it hurts a lot|im in pain|i am in pain|in pain|so much pain|help me|help me now|i need help
    |i need help now|need help|need help now|sos|911|988|urgente|es urgente|emergencia|es una emergencia|ayudeme|ayudame
    |ayudenme|necesito ayuda|auxilio|socorro|me duele|me duele mucho|duele|duele mucho
    |tengo dolor|tengo mucho dolor"""

PHRASES = {"yes": YES, "here": HERE, "fine": FINE, "no": NO, "unwell": UNWELL, "call": CALL, "urgent": URGENT}
BOTH_WAYS = re.compile(r"\bno (?:problems?|worries|prob|problemas?|hay problemas?)\b|\bningun problema\b")
LEADING = listed(
    "i reply replying my answer is its the a option number press pick choose respuesta mi es la el opcion numero respondo"
)
NOT_AN_ANSWER = listed(
    "am pm a p oclock st nd rd th min mins minute minutes hr hrs hour hours day days week weeks month months people of or to and "
    "minuto minutos hora horas dia dias semana semanas mes meses personas de o y"
)
FRIENDLY = frozenset("👍✅☑✔👌🙏🙂😊😀😃😄☺❤♥💙💚💛🧡💜👋🎉")


def urgent_words(words: str) -> bool:
    """Whether a whole text says no more than that it is urgent, asked or not."""
    return _is_all(without_courtesy(words), "urgent")


def answer(body: str, open_steps: Collection[Step]) -> Value | None:
    """What the text answers to the open question, None where that is not sure. `open_steps` is empty when none is open."""
    words = without_courtesy(folded(body))
    value = _by_digit(words.split(), open_steps) or _by_words(words, open_steps)
    return None if value is Value.YES and _doubtful(body) else value


def _by_digit(words: list[str], open_steps: Collection[Step]) -> Value | None:
    tokens = [NUMBER_WORDS.get(word, word) for word in words] if len(words) == 1 else words
    digits = {token for token in tokens if token in ASKED_WITH_DIGITS}
    if len(digits) != 1:
        return None
    digit = digits.pop()
    value = _offered(open_steps).get(digit)
    rest = [token for token in tokens if token != digit]
    if value is None or not rest or set(rest) <= LEADING:
        return value
    return value if tokens[0] == digit and _agrees(rest, value) else None


def _offered(open_steps: Collection[Step]) -> Mapping[str, Value]:
    if open_steps and SAFETY.issuperset(open_steps):
        return SAFETY_DIGITS
    return CALL_ONLY if set(open_steps) == {Step.INTEGRATION} else ASKED_WITH_DIGITS


def _agrees(rest: list[str], value: Value) -> bool:
    """A digit with more words counts when the words say the same, or when it is a worry and the words may explain it."""
    words = " ".join(rest)
    said = {
        Value.YES: ("yes", "here", "fine"),
        Value.NO: ("no",),
        Value.CALL: ("call", "unwell"),
        Value.URGENT: ("urgent", "call", "unwell"),
    }[value]
    if any(_is_all(words, name) for name in PHRASES):
        return any(_is_all(words, name) for name in said)
    return value is not Value.YES and not rest[0].isdigit() and rest[0] not in NOT_AN_ANSWER


def _by_words(words: str, open_steps: Collection[Step]) -> Value | None:
    if not open_steps or BOTH_WAYS.search(words):
        return None
    return next((value for name, value in _understood(open_steps).items() if _is_all(words, name)), None)


def _understood(open_steps: Collection[Step]) -> dict[str, Value]:
    """Which plain words answer the open question: a "no" to a safety check is someone who is not well."""
    call = {"call": Value.CALL}
    if SAFETY.issuperset(open_steps):
        return {"fine": Value.YES, "urgent": Value.URGENT, "unwell": Value.CALL} | call
    if set(open_steps) == {Step.INTEGRATION}:
        return call
    here = {"here": Value.YES} if Step.PRESENT in open_steps else {}
    return {"yes": Value.YES, "no": Value.NO} | here | call


def _is_all(words: str, name: str) -> bool:
    """Whether the text is one such phrase or several in a row ("yes ok", "no i cant")."""
    return len(words) <= SHORT and bool(_ALL[name].fullmatch(words))


def _one_or_more(phrases: str) -> re.Pattern[str]:
    """Longest first, so that "yes i can" is not read as "yes" and two strangers."""
    choices = sorted((" ".join(phrase.split()) for phrase in phrases.split("|")), key=len, reverse=True)
    each = f"(?:{'|'.join(map(re.escape, choices))})"
    return re.compile(f"{each}(?: {each})*")


_ALL = {name: _one_or_more(phrases) for name, phrases in PHRASES.items()}


def _doubtful(body: str) -> bool:
    """A question mark, or a picture that may say the opposite, makes a yes unsure."""
    pictures = {character for character in body if unicodedata.category(character) == "So"}
    return "?" in body or not pictures <= FRIENDLY
