"""How results are written: numbers, sentences, tables, alternative texts, and data for programs."""
