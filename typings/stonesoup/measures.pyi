from collections.abc import Sequence

class Mahalanobis:
    def __init__(self) -> None: ...

class Euclidean:
    def __init__(self, mapping: Sequence[int] | None = ..., mapping2: Sequence[int] | None = ...) -> None: ...
