"""The named bodies, one file each."""
