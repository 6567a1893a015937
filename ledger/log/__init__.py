"""The verifiable log of one trust: what it stores, and who can check what.

Every entry of a trust's books becomes one *leaf*: the RFC 8785 JSON of what the public may see of it. Leaves
are only ever added. Their SHA-256 hashes form a Merkle tree (RFC 6962, RFC 9162); the root of that tree,
signed, is a *checkpoint*. Whoever keeps a checkpoint can later prove that not one older leaf was changed,
removed or inserted: the security of the log lies in old checkpoints held by others, not in the signature of
the newest one.

What is stored: the bytes of each leaf, and beside each leaf the hashes of all complete subtrees that end at
it (64 bytes a leaf on average, never rewritten). Every proof, tile and root of every past size is made from
these.

A reader's way through the package, each module using only those above it:

``tree``        hashes, the growing edge of a tree, inclusion and consistency proofs and their verification
``note``        text signed with Ed25519 (C2SP signed-note), public keys as one line of text
``checkpoint``  origin, size and root as a signed note (C2SP tlog-checkpoint)
``tiles``       the log as static files: 256 hashes or leaves a file (C2SP tlog-tiles)
``tlog_proof``  one leaf's proof as one text file that verifies without a network (C2SP tlog-proof)
``canonical``   is this leaf the one canonical spelling of its JSON value (RFC 8785)?
``findings``    what a check found, as values with a Chinese sentence a resident understands
``entries``     the meaning of the leaves: balance, numbering, red-letter reversals
``copy_files``  the files of a downloaded copy
``replay``      rebuild a copy's tree from its leaves and compare everything on the way
``bundle``      write a copy of a whole log, and verify a downloaded copy offline

Nothing here knows the books' database or HTTP: callers hand in the key and functions that read nodes and
leaves.
"""
