"""Who is there, how they sign in, and what they did."""
