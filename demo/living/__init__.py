"""A back office in which a week has passed: cases in every stage, played by the rules on a clock of their own.

Nothing is written that no rule has written. The processes themselves run here, on an event loop whose time leaps from
one event to the next (`clock.py`, `engine.py`); people answer work items through the rules (`people.py`), the issuer's
simulator makes and posts the cards, and what was sent then lies in the sink (`outside.py`). When the clock has come to
the present, each open case continues as new in the real engine, with the state that its process has.
"""
