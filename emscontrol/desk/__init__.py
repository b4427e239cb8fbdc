"""This station at the clinic's book: who is logged in, the day that is kept, running an appointment and handing it in."""
