"""Which parts make up this run? The only place that knows drivers, ports, simulators and the engine at once."""
