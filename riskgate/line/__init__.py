"""The line of one order, and what stands around it: read, judge, record, reserve, take back.

`riskgate.gate` is the line itself, read from top to bottom; here is what it is made of, and what
people do to it: approvals, states, kill, proof.
"""
