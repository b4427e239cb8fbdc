"""The person on the other end of the leads: skin, nerves, muscle, and what they say.

Read in this order:

`pulse`        one pulse as a device makes it
`load`         skin and electrodes: voltage, clipping, contact, short; what current reaches the body
`recruitment`  how many fibres answer a pulse: innervated, denervated, mixed
`force`        force and fatigue of one kind of fibres, pulse by pulse
`muscle`       one muscle: nerve and fibres together, spasms
`sensation`    what is felt: thresholds, discomfort, habituation, words
`patient`      one person with a muscle under each channel, connected to an output stage
`profile`      the figures of a person, and reading them from a YAML file
`library`      the named bodies in `named/`
`record`       what a body did, as JSON lines

Every figure is a simulator's: plausible, mostly chosen, never a limit for people. docs/bodies.md says which is which.
"""
