"""Other ledgers to compare with, each in an environment and a process of its own.

The scripts here run with the peer's interpreter, not ours, so they import nothing of this project. They print
``ready``, then read a number of transactions from each line of standard input, post that many, each committed
on its own, and print how many seconds that took.
"""
