"""What do apps outside get to know, and how?"""
