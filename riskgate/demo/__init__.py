"""The demo: a strategy's morning against the simulator, and how it is shown."""
