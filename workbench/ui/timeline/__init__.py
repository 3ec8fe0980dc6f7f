"""The timeline: tracks, steps, dependencies, margin strip, playhead."""
