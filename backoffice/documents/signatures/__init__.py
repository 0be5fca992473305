"""Whether a signed PDF is signed by those who must sign it, and is what they signed. The verdict is ours: the library
reads files and checks cryptography, and what is accepted stands here.

`examine` gives the verdict, `trust_list` says whose certificates count, `words` says all of it in sentences.
"""

from __future__ import annotations
