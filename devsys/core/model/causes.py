"""The causes that stand beside changes nobody made by hand, as everybody a change concerns may read them.

Never who is away, and never why (product.md R9): an absence is printed as what follows from it.
"""

from typing import Final

FOR_THE_QUEUE: Final = "for the queue"  # takes development time back, in the ledger's own column
FACILITATOR_CHANGED: Final = "facilitator changed"
ROOM_CHANGED: Final = "room changed"
NO_FACILITATOR: Final = "no facilitator is free"
NO_ROOM: Final = "no room is free"
SOMEBODY: Final = "somebody cannot come"
JOINED: Final = "people came from another session"
NO_LONGER_FITS: Final = "it no longer fits"
OTHER_DATE: Final = "somebody chose another date"
