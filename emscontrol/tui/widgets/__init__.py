"""The parts of the screens. A widget shows what it is given, keeps no state of the session, and posts what a person wants."""
