"""Our own execution algorithms: one file each, and nothing else in this folder."""
