"""The append-only record, and the tables projected from it."""
