"""Tables, repositories and the transaction of identity."""
