"""What happened, measured: pure functions over fills and decisions."""
