"""`emscontrol plan`: what was prescribed, and how it goes on."""
