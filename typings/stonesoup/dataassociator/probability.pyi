from typing import Any

class JPDAwithEHM2:
    def __init__(self, hypothesiser: Any) -> None: ...
