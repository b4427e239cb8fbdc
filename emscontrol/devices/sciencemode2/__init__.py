"""ScienceMode 2: the RehaStim 2."""
