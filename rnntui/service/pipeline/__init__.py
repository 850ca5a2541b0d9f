"""The stages of one training run: text, base, plan, network, learning, measuring; a generator of events each."""
