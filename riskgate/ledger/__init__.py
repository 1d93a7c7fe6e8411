"""The book in memory: running sums folded from events, and the snapshot a decision is made on."""
