"""How do bytes travel? `stream.ByteStream` is the port; behind it lie serial ports and URLs, memory, a recorder."""
