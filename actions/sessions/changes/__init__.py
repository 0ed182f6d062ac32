"""What changes a course? Every change is planned by the rules, shown with a token, and carried out as it was shown."""
