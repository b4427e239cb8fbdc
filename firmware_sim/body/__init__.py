"""The person on the other end of the leads: skin, nerves, muscle, and what they say.

Read in this order:

`pulse`        one pulse as a device makes it
`circuit`      skin and electrodes as they are: voltage, clipping, open, short; what current reaches the body
`load`         the same as it changes: drying, lift-off, sweat, broken leads
`recruitment`  how many fibres answer a pulse: innervated, denervated, mixed
`force`        force and fatigue of one kind of fibres, pulse by pulse
`muscle`       one muscle: the fibres with a nerve and those without
`spasm`        bursts of force that nobody asked for
`sensation`    what is felt: thresholds, discomfort, habituation
`speech`       what is said about it
`patient`      one person with a muscle under each channel, connected to an output stage
`profile`      the figures of a person
`reading`      reading them from a YAML file
`library`      the named bodies in `named/`
`record`       what a body did, as JSON lines
`published`    other published models, for comparison

Every figure is a simulator's: plausible, mostly chosen, never a limit for people. docs/bodies.md says which is which.
"""
