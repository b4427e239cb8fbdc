"""How the book is kept: where it is, how it is opened, made, upgraded, audited, checked and backed up."""
