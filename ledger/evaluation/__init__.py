"""The dual hundred-point evaluation (双百分制评价) of a community: two halves of a hundred points, never merged.

A scheme is versioned data (:mod:`~ledger.evaluation.scheme`), a round a course of steps that are written once
(:mod:`~ledger.evaluation.course`, :mod:`~ledger.evaluation.survey`, :mod:`~ledger.evaluation.appeals`), the scores
pure arithmetic over what was found (:mod:`~ledger.evaluation.score`). What has no figures is not rated (未评).
"""
