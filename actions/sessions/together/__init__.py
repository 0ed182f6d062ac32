"""How do several sessions of a course get their times at once? Proposed by a wish, then booked all together or not at all."""
