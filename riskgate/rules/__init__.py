"""The limits: one file for each kind, and nothing else in this folder."""
