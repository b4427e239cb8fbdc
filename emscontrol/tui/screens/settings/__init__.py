"""What the user set: colours, language, bell."""
