"""What goes in and out, noun by noun? Shapes refuse what they do not know and show what a reader may rely on."""
