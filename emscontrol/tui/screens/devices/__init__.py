"""Stimulators, ports, simulators to practise with."""
