"""The nouns: immutable values, no I/O, no clock."""
