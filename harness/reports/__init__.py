"""Reports: a study's answer as text in a terminal and as a page."""
