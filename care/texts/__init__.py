"""The words people read: one natural text from several pieces, in their language and their zone."""

from care.texts.compose import compose
from care.texts.dates import LANGUAGES, say
from care.texts.voice import Clinic, Piece

__all__ = ["LANGUAGES", "Clinic", "Piece", "compose", "say"]
