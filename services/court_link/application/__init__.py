"""What people and other services may do here, one file per group of acts."""
