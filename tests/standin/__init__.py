"""A provider of our own that speaks Twilio's Messages API on a local socket, in its own process, with an append-only ledger."""
