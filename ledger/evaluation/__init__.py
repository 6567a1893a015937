"""The dual hundred-point evaluation (双百分制评价) of a community: two halves of a hundred points, never merged."""
