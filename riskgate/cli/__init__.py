"""The commands, one file each.

Rule 1: a file here is a command: `cancel_all.py` is `riskgate cancel-all`, its docstring's first
line is the help in the list, its `command` is the click command. Nothing is registered.
Rule 2: a command's function returns the exit code; standard output is the result and nothing else.
"""
