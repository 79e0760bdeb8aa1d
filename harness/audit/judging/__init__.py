"""How each kind of claim is judged: which checks it gets, and what its verdict rests on."""
