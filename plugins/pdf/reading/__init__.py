"""Reading PDF files that nobody vouches for."""
