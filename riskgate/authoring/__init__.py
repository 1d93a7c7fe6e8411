"""What is done with policy files before they are in force: read, tested, linted, compared."""
