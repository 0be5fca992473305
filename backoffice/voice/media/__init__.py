"""The sound of a call: RTP to and from telephones, keys, and the window in which one leg is sent nothing but silence.

A `Clock` ticks every 20 ms for each leg. On each tick a `Leg` first takes what has arrived for it, and then sends
exactly one frame: a prompt, what the leg that a `Bridge` joins it with says, or silence. What a telephone is sent is
therefore one stream without a gap, whatever happens. Both legs of a call tick together, those of different calls at
different moments.

Digits are handed to `Leg.listen`'s callback and kept nowhere.
"""
