"""ScienceMode 4: the P24, and RehaMove 3 (ScienceMode 3) where its frames differ."""
