"""What changes in meaning between two sets of policies, and which way each change goes."""
