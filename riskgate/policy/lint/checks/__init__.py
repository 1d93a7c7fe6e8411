"""One file for each check. A file here is a check, and its docstring is its page."""
