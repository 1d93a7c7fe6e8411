"""Order history from files, decided by the real rules, order by order.

Rule 1: an account's trading day is decided by itself: it starts from the positions that the
recorded fills of earlier days left. So days may run anywhere, in any number at once, and come out
the same.
Rule 2: within its day the book is the gate's own: what would have been denied holds nothing, and
its fills are none of that day.
Rule 3: files stream; what is finished is forgotten where no counter needs it.
"""
