"""The pages of a list. Ledgerline counts them; a cursor of ours is `page:size`, so that every page of a list has
the same size."""

import re

from patchboard import invalid

DEFAULT = 25
LARGEST = 100
CURSOR = re.compile(r"([1-9][0-9]{0,8}):([1-9][0-9]{0,2})")


def asked(request):
    """The page that is asked for, and its size. The size in a cursor wins over a limit."""
    cursor = request.params.get("next_cursor")
    if cursor is None:
        # A number too long to be read is larger than any page.
        limit = request.params.get("limit", str(DEFAULT))
        return 1, max(1, min(int(limit[:9]), LARGEST))
    found = CURSOR.fullmatch(cursor)
    if found is None or int(found[2]) > LARGEST:
        raise invalid({"?next_cursor": "is no cursor of this list"})
    return int(found[1]), int(found[2])


def neighbours(request, pages):
    """The cursors of the pages after and before this one, in a list of so many pages."""
    number, size = asked(request)
    following = f"{number + 1}:{size}" if number < pages else None
    preceding = f"{number - 1}:{size}" if number > 1 else None
    return following, preceding
