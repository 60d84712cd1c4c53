"""Between unified moments and Ledgerline's days: a job is due on a day, which is the one in UTC."""

from datetime import date, datetime, timezone

from patchboard import invalid


def day_of(moment):
    """The day in UTC of a date, or of a date and time; a time without an offset is in UTC."""
    try:
        read = datetime.fromisoformat(moment.upper())
        there = read.astimezone(timezone.utc) if read.tzinfo else read
    except (ValueError, OverflowError):
        raise invalid({"/close_date": "is no date that can be written in UTC"}) from None
    return there.date().isoformat()


def moment_of(day):
    """The first moment of a day in UTC; a text that is no day stays as it is."""
    try:
        return f"{date.fromisoformat(day).isoformat()}T00:00:00Z"
    except ValueError:
        return day
