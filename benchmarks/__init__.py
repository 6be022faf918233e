"""Code that only measurements run."""
