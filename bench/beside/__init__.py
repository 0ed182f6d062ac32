"""Which servers are measured beside ours?"""
