"""Telemetry plots: channels over time, live and after."""
