"""Workers' leases of recordings and jobs, and what becomes of them after a fault."""
