"""Changing what households pay (协商议价、质价相符): what it costs, what homes say, the decision, the notice.

``cost`` reckons from the books; ``proposals`` writes and reads; ``course`` takes a proposal from the
consultation to the new version of the fee standard; ``answers`` counts homes.
"""
