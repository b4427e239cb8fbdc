"""What did the author ask for? Protocol files: their models, their rules, and reading them.

    bounds   every figure's range, with unit and source, in one table
    fields   how a range or a text becomes a field of a model, and of the JSON Schema
    parts    the models of a channel, a group and a phase;  model: the protocol as a whole
    part_rules, phase_rules, rules   what must hold between keys
    scalars, tree   text to plain values, each with its line and column
    draft, wording, problems, load   a file to a protocol, or to all that is wrong with it
    changes, rewrite, adjust, first_session   a protocol as it has become for one patient
    travel   a protocol on its way to the engine process
    library  the protocols that come with the program
    schema   the JSON Schema that editors use

The package itself imports nothing: the engine process needs the models and must not load a YAML library for them.
"""
