"""The running sums that rules read: one counter for each thing that is counted, a file each.

Rule 1: a counter is told what changed and adds it up; nobody ever scans orders to answer.
Rule 2: a cell belongs to one budget: the values of the rule's `per` keys.
Rule 3: sums are exact: what was posted is taken back to the last digit.
Rule 4: what a counter hears of, its methods say (`news`); nobody keeps a list of counters.
"""
