"""Typed clients made from the API's own document, and what they are put through."""
