"""What is treatment made of? Protocols, courses, sessions."""
