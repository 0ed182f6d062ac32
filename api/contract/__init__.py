"""How does every answer of the API look, whatever it is about? Times, fields, problems, documentation."""
