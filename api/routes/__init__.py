"""Who may ask for what, and which verb answers? One blueprint a noun; each view checks, calls one action and shows."""
