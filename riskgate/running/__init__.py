"""What keeps a gate running in a process: its ear, its watch, its errands, its stepper."""
