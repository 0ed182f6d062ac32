"""Are the rules of care right? No database, no clock, no network."""
