"""How each stimulator wants to be told: one folder a wire protocol, each with `wire`, `profile` and `driver`."""
