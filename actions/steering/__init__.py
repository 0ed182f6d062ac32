"""What do people decide about a course on its way? Pause, resume, review, change its cadence, end it."""
