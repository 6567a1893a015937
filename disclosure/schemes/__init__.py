"""The scheme editor of the dual hundred-point evaluation: for a community and for a street, as a form or a file."""
