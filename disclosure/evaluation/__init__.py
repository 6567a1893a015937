"""Pages of the dual hundred-point evaluation (双百分制): two scores side by side, never one number."""
