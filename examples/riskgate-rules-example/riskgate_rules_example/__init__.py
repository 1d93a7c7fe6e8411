"""Rule kinds of our own for riskgate: a file for each."""
