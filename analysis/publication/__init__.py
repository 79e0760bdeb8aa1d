"""Tables and figures for a paper: LaTeX, Markdown, HTML and CSV, values as macros."""

from analysis.publication.comparisons import publication_table
from analysis.publication.printed import PublicationTable
from analysis.publication.writing import write_table

__all__ = ["PublicationTable", "publication_table", "write_table"]
