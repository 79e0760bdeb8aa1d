from hypothesis import settings

# A shared core may stall for longer than hypothesis expects of any example.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")
