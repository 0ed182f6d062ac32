"""The words people read: one natural text from several pieces, in their language and their zone."""

from care.words.texts.compose import compose
from care.words.texts.dates import LANGUAGES, say
from care.words.texts.voice import Clinic, Piece

__all__ = ["LANGUAGES", "Clinic", "Piece", "compose", "say"]
