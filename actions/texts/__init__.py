"""How does a text go out, and what comes of what comes back?"""
