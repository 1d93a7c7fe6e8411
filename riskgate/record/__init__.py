"""What the record alone tells: how things stand, what limits are used, how an order came about.

Nothing here opens a journal: everything reads events and rows that somebody else took out of it.
"""
