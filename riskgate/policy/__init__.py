"""From YAML to a decision: source, catalogue, schema, compiler, evaluation."""
