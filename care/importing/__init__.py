"""What does a file of courses from another system say? Read strictly, a line at a time, with every complaint by its place."""
