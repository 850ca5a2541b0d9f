"""Training: one loop, what it is made of, and the plan for it."""
