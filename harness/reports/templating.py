"""What pages have in common: how templates become pages, and how text is set in them."""

import jinja2
from markupsafe import Markup, escape

from harness.text import code_parts


def render_page(template: str, **values: object) -> str:
    """Return a page; text in it is escaped, and a value that a template lacks is an error.

    Args:
        template: one of ``harness/reports/templates``.
        **values: what it shows.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("harness.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )
    environment.filters["code_spans"] = code_spans
    return environment.get_template(template).render(values)


def code_spans(text: str) -> Markup:
    """Escape a text, and set what stands between two backticks as code."""
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(code_parts(text))
    )
