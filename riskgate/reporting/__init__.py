"""One trading day, gathered from the record into one value that every format of a report shows."""
