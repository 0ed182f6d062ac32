"""Does the API keep its word to apps, to staff and to strangers?"""
