"""Decisions on record made again: under the policies of then, or under others."""
