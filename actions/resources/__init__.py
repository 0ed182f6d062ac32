"""Who and what do sessions need, when are they there, and when is nobody?"""
