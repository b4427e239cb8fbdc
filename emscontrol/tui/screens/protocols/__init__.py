"""What can be given: the library, one protocol drawn and judged, a try on a simulated body."""
