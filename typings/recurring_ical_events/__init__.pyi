from datetime import date
from typing import Any

from icalendar import Calendar

class CalendarQuery:
    def between(self, start: date, stop: date) -> list[Any]: ...

def of(a_calendar: Calendar) -> CalendarQuery: ...
