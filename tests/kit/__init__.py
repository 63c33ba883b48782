"""What tests stand on: real servers, a clock that obeys, patience with a deadline. Never deployed."""
