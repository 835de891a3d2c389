"""The commands of the command line, one module each; `_cli` starts them."""
