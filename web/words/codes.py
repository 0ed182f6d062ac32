"""How is a code shown that no list names?"""


def plain(code: str) -> str:
    """A code no list above names, readable at least."""
    return code.replace("_", " ")
