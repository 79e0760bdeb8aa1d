"""A reader that asks the database once for the trials of each study."""

from harness.store.reading import ResultsReader, StoredTrial


class RememberingReader(ResultsReader):
    """The same store, with the trials and metrics of a study as they were when first asked for.

    The parts of a report then speak of one moment, and none of them reads a million trials again.
    """

    def __init__(self, store: ResultsReader) -> None:
        """Remember what this reader says, which need not show every trial."""
        self.database = store.database
        self._store = store
        self._stored: dict[str, dict[str, StoredTrial]] = {}
        self._metrics: dict[str, dict[str, dict[str, float]]] = {}

    def stored(self, name: str) -> dict[str, StoredTrial]:
        """Every trial of a study, by digest; what is given is not to be changed."""
        if name not in self._stored:
            self._stored[name] = self._store.stored(name)
        return self._stored[name]

    def final_metrics(self, name: str) -> dict[str, dict[str, float]]:
        """Final metrics of every complete trial of a study, by digest; not to be changed either."""
        if name not in self._metrics:
            self._metrics[name] = self._store.final_metrics(name)
        return self._metrics[name]


def remembering(store: ResultsReader) -> RememberingReader:
    """A reader that remembers: this one, where it does so already."""
    return store if isinstance(store, RememberingReader) else RememberingReader(store)
