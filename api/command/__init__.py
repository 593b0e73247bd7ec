"""What each `otklik` command does; ``api.cli`` only names them."""
