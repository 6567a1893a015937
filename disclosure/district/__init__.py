"""The overview of communities for a street or community Party committee: page, files, and its refreshing."""
