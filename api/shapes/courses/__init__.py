"""How are courses tried out and brought in over the wire?"""
