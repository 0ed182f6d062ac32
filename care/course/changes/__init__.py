"""How may a course be changed, and what follows? Move, reseat, defer, omit, cancel, miss, add: planned, written nowhere."""
