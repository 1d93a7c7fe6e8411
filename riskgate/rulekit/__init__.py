"""What rules are made of: parameters, limits, the base of a rule."""
