"""Our replacement strategies: one file each, and nothing else in this folder."""
