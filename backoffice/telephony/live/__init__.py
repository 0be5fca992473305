"""Whether one of us is on the telephone with a customer, at this moment.

    state_of(customer) -> Live        for a page, at no query
    key_of_customer, Snapshot         what is published
    publishing                        reads `Call` rows and publishes them (`manage.py publish_calls`)
    reading                           the one reader of a process
    watching, server                  the tickets of open pages, and the process that holds their streams
    asking                            the public page "are you talking to us?"

Only what is committed in the database becomes a state. One publisher reads the calls that are not over, each second and
at once when one changed, and puts one sealed snapshot into the shared cache. Each process has one reader of it, so an
open page costs no query, however many there are. It fails closed: what is older than 15 s, cannot be read, or comes
from a clock that stands still, reads "we cannot check now", and never "nobody" and never "we are".

Nothing but `publishing` reads the database, so that the streams' process needs none.
"""

from __future__ import annotations

from backoffice.telephony.live.reading import state_of
from backoffice.telephony.live.states import Live, LiveState, OnCall

__all__ = ["Live", "LiveState", "OnCall", "state_of"]
