"""What do staff see? The day, the worklist, patients, sessions, moves and enrolment."""
