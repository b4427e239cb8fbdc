"""How does an electronic health record get to know of a session? One FHIR R4B bundle for each."""
