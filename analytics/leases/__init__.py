"""Workers' holds on recordings and jobs."""
