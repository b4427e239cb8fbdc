"""A simulated RehaStim 2 (RehaMove 2): what the device does on the other side of a ScienceMode2 link."""
