"""Who may do what? Roles, PINs, logins.

    roles       every action with the roles that may do it
    secrets     PINs and passphrases as slow hashes
    keep        adding and changing staff
    attempts    tries to log in are counted, and cost a growing wait
    own_secret  a secret that somebody else has set opens nothing but the choice of another
    entry       logging in and out, and who it is that holds a token

What a role may do is asked where a change is made, not only where a command was typed.
"""
