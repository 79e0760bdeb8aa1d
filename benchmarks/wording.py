"""Numbers and sentences as the terminal and the page show them."""

from benchmarks.model import Figure, Table, Target

_SIGNIFICANT = 3


def number(value: float) -> str:
    """Three significant digits, thousands separated: 0.0123, 4.56, 78.9, 1,230,000."""
    if value == 0:
        return "0"
    exponent = int(f"{abs(value):.{_SIGNIFICANT - 1}e}".partition("e")[2])
    if not -4 <= exponent <= 12:  # nobody counts more zeros
        return f"{value:.{_SIGNIFICANT - 1}e}"
    decimals = _SIGNIFICANT - 1 - exponent
    return f"{round(value, decimals):,.{max(0, decimals)}f}"


def with_unit(value: float, unit: str) -> str:
    """A number and what it counts."""
    return f"{number(value)} {unit}"


def spread(table: Table, figure: Figure) -> str:
    """The least and the largest of a figure's runs; one number where there was one run."""
    values = figure.values(table.quantity)
    low, high = number(min(values)), number(max(values))
    return low if len(values) == 1 else f"{low}–{high}"


def ratio_to_ours(table: Table, figure: Figure) -> str:
    """How many times better ours is: above 1 ours is ahead; empty for ours."""
    ours = table.reference
    if ours is None or figure.role == "ours":
        return ""
    return f"× {number(table.times_better(ours, figure))}"


def in_cpu_time(table: Table, figure: Figure) -> str:
    """A figure's median in processor time; empty where it is not known of every run."""
    value = figure.median_in_cpu_time(table.quantity)
    return "" if value is None else number(value)


def memory(figure: Figure) -> str:
    """Peak memory in MB; empty where it was not asked for."""
    return "" if figure.peak_rss_mb is None else number(figure.peak_rss_mb)


def detail(figure: Figure, name: str) -> str:
    """One detail; empty where the figure has none of this name."""
    value = figure.details.get(name, "")
    return value if isinstance(value, str) else number(value)


def detail_names(table: Table) -> list[str]:
    """The names of all details of a table, in the order in which they first appear."""
    return list(dict.fromkeys(name for figure in table.figures for name in figure.details))


def heading(name: str) -> str:
    """A detail's name as a heading: ``largest_error`` becomes "largest error"."""
    return name.replace("_", " ")


def aim(table: Table, target: Target) -> str:
    """What a target asks for, in words."""
    unit = table.quantity.unit
    if target.what == "times":
        return f"at least {number(target.bound)} times as good as {target.against}"
    if target.what == "peak_rss_mb":
        return f"at most {number(target.bound)} MB of memory"
    if target.what == "value":
        side = "at least" if table.quantity.better == "higher" else "at most"
        return f"{side} {with_unit(target.bound, unit)}"
    return f"{heading(target.what)}: at most {number(target.bound)}"
