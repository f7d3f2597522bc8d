"""The engine's parent process in every member: knows role and health, moves the address, hands over; needs no operator."""
