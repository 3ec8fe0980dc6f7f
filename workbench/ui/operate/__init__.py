"""While a robot or a live simulation runs: joint health, four plots, events."""
