"""What exactly will be sent, and when? Pure: a protocol, a patient's thresholds and a device in, timed outputs out."""
