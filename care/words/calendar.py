"""What does a visit say of itself in a calendar that others may look at? When and where, and nothing of what it is for."""

from care.words.texts.dates import spoken

WORDS = {
    "en": {
        "patient": "Visit at {clinic}",
        "support": "{patient}'s visit at {clinic}",
        "resource": "Visit at {clinic}",
        "online": "By video",
        "at_home": "At home",
        "with": "With {patient}",
    },
    "es": {
        "patient": "Visita en {clinic}",
        "support": "Visita de {patient} en {clinic}",
        "resource": "Visita en {clinic}",
        "online": "Por video",
        "at_home": "En casa",
        "with": "Con {patient}",
    },
}


def say_title(reader: str, clinic: str, patient: str, language: str) -> str:
    """`reader`: patient, support or resource; `patient` is a first name."""
    return WORDS[spoken(language)][reader].format(clinic=clinic, patient=patient)


def say_place(reader: str, where: str | None, patient: str, language: str, *, online: bool, at_home: bool) -> str:
    """An address as it is; else how one meets."""
    words = WORDS[spoken(language)]
    if online:
        return words["online"]
    if at_home:
        return words["at_home" if reader == "patient" else "with"].format(patient=patient)
    return where or ""
