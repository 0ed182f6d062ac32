"""What is said, and what was meant? Texts, their lint and length, refusals in words, and replies."""
