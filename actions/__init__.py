"""What can happen? One verb a function: load, ask the rules, write rows. Doors commit."""
