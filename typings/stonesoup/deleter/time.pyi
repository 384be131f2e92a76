from datetime import timedelta

class UpdateTimeDeleter:
    def __init__(self, time_since_update: timedelta) -> None: ...
