"""Who may come in, and how is a clinic set up?"""
