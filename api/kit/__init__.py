"""What every page and endpoint needs: who asks, errors, texts, words, bounds."""
