"""PostgreSQL: one transaction per request, and the tables every service has."""
