"""The TWS text protocol as tables: framing, field kinds, one table per message, one codec.

Rule 1: nothing in here knows orders, accounts or sockets; bytes in, records out, and back.
Rule 2: a message is a table row by row; a version difference is a `since` or `until` on its row.
Rule 3: parsing is strict: every field is consumed, none is missing, each is of its kind.
"""
