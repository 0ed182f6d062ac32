"""What does a person's text mean here and now, and what follows? Crisis and opt-out words first, at any hour."""

from actions.texts.understand.reading import understand_reply

__all__ = ["understand_reply"]
