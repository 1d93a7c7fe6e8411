"""Legal but suspicious: what a second pair of eyes would ask about a set of policies."""
