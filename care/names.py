"""Can this be the name of a person? It will stand in texts, where telephones turn addresses into links."""

import re
import unicodedata

JOINERS = "\u200c\u200d"  # Persian and Indic names are written with them
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
ADDRESS = re.compile(r"://|/|@|\\|[^\s.]{2,}\.[^\W\d_]{2,}")


def is_a_name(name: str) -> bool:
    """It has a letter, nothing hidden or turned around, and nothing like an address."""
    return bool(
        any(letter.isalpha() for letter in name)
        and all(letter in JOINERS or unicodedata.category(letter) not in HIDDEN for letter in name)
        and not ADDRESS.search(name)
    )
