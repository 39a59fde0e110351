"""The claims of the paper, shown or not shown."""
