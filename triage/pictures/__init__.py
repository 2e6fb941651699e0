"""What every picture needs: a font with Chinese characters, colours that all can tell apart, a place in a page."""
