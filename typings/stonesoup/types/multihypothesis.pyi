from collections.abc import Sequence

from stonesoup.types.hypothesis import SingleHypothesis

class MultipleHypothesis:
    single_hypotheses: Sequence[SingleHypothesis]
