"""Does what happens by itself happen once, in time, and survive every fault?"""
