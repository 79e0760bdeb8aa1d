"""Schema changes of the results store, applied with Alembic.

To add one: change ``harness/store/schema.py``, write ``versions/NNNN_what_changed.py``, raise
``HEAD``, and keep a database of the schema before it in ``tests/harness/store/databases/``.
"""

# Kept here because reading it from the scripts would import Alembic at every start; a test
# compares the two.
HEAD = "0003"
