"""May this text go to a phone that others can see? Private words and opt-out words as instructions may not; cost only warns."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from care.words.segments import UCS_2, outside_gsm_7, segments

LONGEST = 1600  # characters; the provider refuses more
USUAL_SEGMENTS = {"en": 1, "es": 2}  # Spanish says the same in more letters


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    severity: Severity
    word: str
    why: str


# Patterns of whole words, without accents, in both languages: a trailing ~ means "and whatever follows".
PRIVATE = {
    "names a medicine": (
        "ketamin~ esketamin~ spravato ketalar ketanest racemic~ psilocyb~ psilocib~ psychedelic~ psicodelic~ mdma antidepres~ "
        "benzodiazep~ alprazolam xanax lorazepam ativan clonazepam klonopin diazepam valium sertralin~ zoloft fluoxetin~ prozac "
        "escitalopram lexapro citalopram celexa bupropion wellbutrin venlafaxin~ effexor duloxetin~ cymbalta lamotrigin~ lithium "
        "litio quetiapin~ seroquel aripiprazol~ abilify tranylcypromin~ phenelzin~ fenelzin~ maoi~ imao ozempic semaglutid~ "
        "lozenge~ troche~ infusion~ infundir inject~ inyecc~"
    ),
    "names how it is given": "dose doses dosed dosing dosis dosific~ nasal~ intranasal~ sublingual~ intraven~ intramuscul~",
    "names a condition": (
        "depress~ depresi~ deprimi~ bipolar~ anxiety ansiedad ptsd tept trauma~ schizo~ esquizo~ psychosis psicosis psychotic "
        "psicotic~ mania manic addict~ adicc~ adict~ overdos~ sobredosis disorder~ trastorno~ diagnos~"
    ),
    "names a specialty": (
        "psychiat~ psiquiat~ psycholog~ psicolog~ psychother~ psicoter~ therap~ terap~ counsel~ mental~ behavioral conductual "
        "detox~ rehab~ oncolog~ neurolog~"
    ),
    "names a questionnaire or a register": "phq phq2 phq9 gad7 madrs cssrs rems",
    "promises to watch": "monitor~ vigil~ surveil~",  # nobody reads the replies at every hour
}
CRISIS = {"names a crisis": "suicid~ autolesi~ selfharm~"}
_HARM = re.compile(
    r"\b(?:(?:hurt|harm|kill|cut)(?:ing)? (?:your|my|them)sel(?:f|ves)|end(?:ing)? (?:your|my) life"
    r"|quitar(?:se|te|me) la vida|hacer(?:se|te|me) dano|matar(?:se|te|me))\b"
)

TELLING = (
    r"(?:reply|text|send|type|say|answer|write|respond|responda|responde|conteste|envie|mande|escriba|texto)"
    r"(?:\s+(?:with|back|the|word|a|con|la|palabra))*"
)
_OPT_OUT = "stop|stopall|unsubscribe|unsub|end|quit|cancel|revoke|optout|remove|yes|start|unstop|alto|parar|baja|cancelar|detener"
_AS_INSTRUCTION = re.compile(rf"\b{TELLING}\s+[\"']?({_OPT_OUT})\b(?!\s+(?:eating|drinking|by|at)\b)")
_IN_CAPITALS = re.compile(rf"\b({_OPT_OUT.upper()}|OPT-OUT|OPT OUT)\b")
_QUOTED = re.compile(rf"[\"']({_OPT_OUT})[\"']")

_BIRTH = re.compile(
    r"\b(?:dob|born|birth ?dates?|date of birth|birthdays?|fecha de nacimiento|nacid[oa]|nacio|cumpleanos)\b"
)
_DATE_WITH_YEAR = re.compile(
    r"(?<![-./\d])(?:\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d{2}|(?:19|20)\d{2}-\d{2}-\d{2})(?![-./]?\d)"
)
_TOKEN_IN_LINK = re.compile(r"(https?://\S*?/)[A-Za-z0-9_-]{20,}")
_SHORTENERS = re.compile(r"\b(?:bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|rb\.gy)/", re.IGNORECASE)


def lint(
    text: str,
    *,
    language: str,
    allow_opt_out: bool = False,
    crisis: bool = False,
    names: Collection[str] = (),
) -> list[Finding]:
    """Everything against sending this text. `allow_opt_out` is for a first text, `crisis` for the crisis text.

    `names` are full names that must not appear. Words are refused in either language; `language` decides which length is usual.
    """
    words = _folded(_TOKEN_IN_LINK.sub(r"\1", text))
    return [
        *_private(words),
        *([] if crisis else _crisis(words)),
        *_birth_dates(words),
        *_full_names(words, names),
        *([] if allow_opt_out else _instructions(text, words)),
        *_links(text),
        *_cost(text, language),
    ]


def errors(findings: Collection[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def _folded(text: str) -> str:
    """Lower case without accents, so that one list serves every spelling."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _private(words: str) -> Iterator[Finding]:
    for why, patterns in PRIVATE.items():
        for word in _found(patterns, words):
            yield Finding(Severity.ERROR, word, why)


def _crisis(words: str) -> Iterator[Finding]:
    for why, patterns in CRISIS.items():
        for word in [*_found(patterns, words), *_HARM.findall(words)]:
            yield Finding(Severity.ERROR, word, why)


def _found(patterns: str, words: str) -> list[str]:
    """The words that match, also where a hyphen parts them (C-SSRS, PHQ-9, anti-depressant)."""
    pattern = rf"\b(?:{'|'.join(patterns.split())})\b".replace("~", r"\w*")
    return list(dict.fromkeys(re.findall(pattern, words) + re.findall(pattern, words.replace("-", ""))))


def _birth_dates(words: str) -> Iterator[Finding]:
    for found in [*_BIRTH.finditer(words), *_DATE_WITH_YEAR.finditer(words)]:
        yield Finding(Severity.ERROR, found.group(), "may be a date of birth")


def _full_names(words: str, names: Collection[str]) -> Iterator[Finding]:
    for name in names:
        parts = [re.escape(part) for part in _folded(name).split()]
        pattern = r"\W+".join(parts)
        if len(parts) > 1 and re.search(rf"\b{pattern}\b", words):
            yield Finding(Severity.ERROR, name, "is a full name")


def _instructions(text: str, words: str) -> Iterator[Finding]:
    found = [*_AS_INSTRUCTION.findall(words), *_QUOTED.findall(words), *map(str.lower, _IN_CAPITALS.findall(text))]
    for word in dict.fromkeys(found):
        yield Finding(Severity.ERROR, word, "is a word that networks act on, used as an instruction")


def _links(text: str) -> Iterator[Finding]:
    for found in _SHORTENERS.finditer(text):
        yield Finding(Severity.WARNING, found.group(), "is a public link shortener, which networks filter")


def _cost(text: str, language: str) -> Iterator[Finding]:
    counted = segments(text)
    if len(text) > LONGEST:
        yield Finding(Severity.ERROR, f"{len(text)} characters", "is more than a provider takes")
    if counted.count > USUAL_SEGMENTS.get(language, 1):
        yield Finding(Severity.WARNING, f"{counted.count} segments", "costs as many texts")
    if counted.encoding == UCS_2:
        letters = "".join(outside_gsm_7(text))
        yield Finding(Severity.WARNING, letters, "makes every segment less than half as long")
