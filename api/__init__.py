"""HTTP interface, pages for supervisors, command line."""
