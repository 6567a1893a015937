"""The invented community 明和苑 and fourteen months of its life, lived through the real code paths.

Money comes in by statement files in real formats, which the demo writes and then imports as any user
would. Names, companies and numbers are made up.
"""
