"""What happened, measured: pure functions over what is known of orders.

`facts.OrderFacts` is one order; `measures.measured` makes figures of it, by `slippage`, `tape`,
`shortfall`, `improvement`, `costs`, `fill_rate` and `latency`; `totals.Totals` sums them up as they
come, `breakdown.Breakdown` by group; `quality.ExecutionQuality` is what that comes to.
"""
