from datetime import datetime

class TimeRange:
    def __init__(self, start: datetime, end: datetime) -> None: ...
