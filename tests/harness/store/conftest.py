import math

import pytest
import sqlalchemy as sa

from harness.assets import AssetStore
from harness.store import schema
from harness.study.planning import plan
from harness.trial import Attachment, CurvePoint, Predictions


def teacher(build, *, width):
    (build.path / "weights").write_bytes(b"weights")
    build.note(accuracy=0.97, title="naïve")


def logits(build, *, width):
    build.asset(teacher, width=width)
    (build.path / "logits").write_bytes(b"logits")


@pytest.fixture
def assets(tmp_path):
    return AssetStore(tmp_path / "assets")


@pytest.fixture
def sql():
    """Run a statement on a store, past all of its rules."""

    def execute(store, statement, **values):
        with store.database.write() as connection:
            return connection.execute(sa.text(statement), values)

    return execute


@pytest.fixture
def count():
    """The number of rows in each table that holds what came of trials."""

    def counted(store):
        tables = (
            schema.trials,
            schema.metrics,
            schema.learning_curves,
            schema.predictions,
            schema.attempts,
        )
        with store.database.read() as connection:
            return {
                table.name.removeprefix("harness_"): connection.scalar(
                    sa.select(sa.func.count()).select_from(table)
                )
                for table in tables
            }

    return counted


@pytest.fixture
def rich(study, store, finish, outcome, failure, assets):
    """A store with a study in which everything occurred that can be stored of trials."""
    asked = study(
        seeds={"values": [0, 2**53 - 1]},
        arms={"naïve": {}, "a'; echo foo": {"lr": 0.5, "note": 'x,"y"\n<b>蒸留'}},
        factors={"epochs": (5, 10)},
        protocol={"metric": "acc", "direction": "maximize", "control": "naïve"},
    )
    specs = plan(asked)
    store.add_planned(asked, specs)
    run = store.begin_run(asked, {"code": {"revision": "ä"}, "jobs": 2, "gpus": [], "code 2": None})
    store.claim(run, [spec.digest for spec in specs[:-1]])
    store.record_retry(
        run, failure(specs[0], error="Crash: ü", traceback='line 1\n  "line 2",\r\n')
    )
    outcomes = [
        outcome(
            specs[0],
            metrics={"acc": 0.1 + 0.2, 'a"=0",\n%': -math.inf, "tiny": 5e-324, "big": 1.7e308},
            curve=(
                CurvePoint(0, "loss", 1 / 3),
                CurvePoint(1, "loss", math.nan),
                CurvePoint(1, "acc", -math.inf),
            ),
            predictions=Predictions.pack([True, False, True] * 7),
            assets=(assets.get(logits, width=2), assets.get(teacher, width=2)),
            facts={"threads": 1, "note": "naïve"},
            attachments=(Attachment("maps 蒸留", b"\0\xff" * 50), Attachment("empty", b"")),
        ),
        failure(
            specs[1], error="\udce4 is no name", traceback=None, curve=(CurvePoint(0, "l", 1.0),)
        ),
        outcome(specs[2], metrics={"acc": math.nan, "carriage\rreturn": 1.0}),
        *(outcome(spec) for spec in specs[3:-1]),
    ]
    store.record(run, outcomes)
    return store
