from collections.abc import Sequence

class ConstantAcceleration:
    def __init__(self, noise_diff_coeff: float) -> None: ...

class CombinedLinearGaussianTransitionModel:
    def __init__(self, model_list: Sequence[ConstantAcceleration]) -> None: ...
