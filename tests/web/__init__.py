"""Do the pages show what is true, and change something only when asked?"""
