"""The Interactive Brokers adapter: the only place that knows the client library.

broker       what the gate sees           settings   where TWS is, and how fast to talk to it
thread       an event loop of its own     client     the one import of the library
session      connecting, disconnecting    raw        the shapes of the library that we use
desk         one session at work          tap        its callbacks, before it draws conclusions
outbox       what has not left            switchboard  which callback goes to whom
orders       callbacks to reports         owners     whose order a message is about
teller       asks for everything          story      what the answers say
readiness    instruments and prices       catalogue  the instruments that are known
prices       ticks to quotes              accounts   account messages to values
link         does anything reach IB       codes      what IB's codes mean, as data
translate    orders and reports           contracts  instruments and contracts
numbers      Decimal and float            requests, questions  what is asked and awaited
order_ids    which order has which id
"""
