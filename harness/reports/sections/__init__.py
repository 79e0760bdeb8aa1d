"""The sections of a study's page, one module an idea."""
