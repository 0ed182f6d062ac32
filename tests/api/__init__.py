"""Does the API answer as its contract says, also to strangers and to nonsense?"""
