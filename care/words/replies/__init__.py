"""What does a text from a person mean? Crisis and opt-out words first, at any hour, then digits, then plain words."""

from care.words.replies.trouble import speaks_of_trouble
from care.words.replies.understand import Intent, Meaning, understand

__all__ = ["Intent", "Meaning", "speaks_of_trouble", "understand"]
