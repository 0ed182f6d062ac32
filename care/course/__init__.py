"""Where may the sessions of a course lie? Plans, spacing, booking, slots and reflow."""
