"""What the user sees: the only folder that imports textual. Widgets show values and post intentions."""
