"""emscontrol: an open session controller for neuromuscular electrical stimulators."""

__version__ = "0.1.0"
