"""The sound of a call: RTP to and from telephones, keys, and the window in which one leg is sent nothing but silence.

A `Clock` ticks every 20 ms for all legs. On each tick every `Leg` first takes what has arrived for it, and then sends
exactly one frame: a prompt, what the leg that a `Bridge` joins it with says, or silence. What a telephone is sent is
therefore one stream without a gap, whatever happens.

Digits are handed to `Leg.listen`'s callback and kept nowhere.
"""
