"""Where variance comes from: components, declared sources, seeds and test examples."""
