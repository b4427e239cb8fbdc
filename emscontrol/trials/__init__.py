"""What happens to a session when everything goes wrong? Random sessions in virtual time, and a judge that shares no arithmetic.

One seed is one session: a protocol, a stimulator, an operator, and what breaks, all drawn from that number alone.
"""
