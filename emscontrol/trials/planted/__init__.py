"""Would the campaign notice? Deliberate bugs, planted in memory: each must be caught, or the campaign proves nothing."""
