"""What we offer, answer and refuse (RFC 3264, RFC 4568)."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.voice.media.agreed import Agreed
from backoffice.voice.media.agreed import Codec as MediaCodec
from backoffice.voice.sip.sdp import KEY_LENGTH, Codec, Negotiation, NotAcceptable, Secrecy

KEY = base64.b64encode(bytes(range(KEY_LENGTH))).decode()
CRYPTO = f"a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"


def described(*media: str, address: str = "10.0.0.2", before: str = "") -> str:
    head = ["v=0", f"o=- 1 1 IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0"]
    return "\r\n".join([*head, *([before] if before else []), *media, ""])


def ours(secrecy: Secrecy = Secrecy.OPTIONAL, address: str = "10.0.0.1") -> Negotiation:
    return Negotiation(address=address, port=40000, secrecy=secrecy)


def test_an_offer_is_answered_with_its_first_codec_that_we_have_and_its_number_for_events() -> None:
    text, agreed = ours().answer(described("m=audio 30000 RTP/AVP 18 8 0 97", "a=rtpmap:97 telephone-event/8000"))

    assert agreed.remote == ("10.0.0.2", 30000)
    assert (agreed.codec, agreed.events) == (Codec.PCMA, 97)
    assert (agreed.sends, agreed.takes) == (True, True)
    assert "m=audio 40000 RTP/AVP 8 97\r\n" in text
    assert "a=rtpmap:97 telephone-event/8000" in text
    assert "a=sendrecv" in text
    assert "c=IN IP4 10.0.0.1" in text


def test_without_events_in_the_offer_there_are_none_in_the_answer() -> None:
    text, agreed = ours().answer(described("m=audio 30000 RTP/AVP 0"))

    assert agreed.events is None
    assert "telephone-event" not in text


def test_every_other_stream_is_refused_in_its_place() -> None:
    offer = described(
        "m=video 30010 RTP/AVP 96", "m=audio 30000 RTP/AVP 0", "m=audio 30002 RTP/AVP 8", "m=image 30004 udptl t38"
    )

    text, agreed = ours().answer(offer)

    lines = [line for line in text.split("\r\n") if line.startswith("m=")]
    assert lines == [
        "m=video 0 RTP/AVP 96",
        "m=audio 40000 RTP/AVP 0",
        "m=audio 0 RTP/AVP 8",
        "m=image 0 udptl t38",
    ]
    assert agreed.remote[1] == 30000


@pytest.mark.parametrize(
    ("direction", "sends", "takes", "answered"),
    [
        ("sendrecv", True, True, "sendrecv"),
        ("sendonly", False, True, "recvonly"),
        ("recvonly", True, False, "sendonly"),
        ("inactive", False, False, "inactive"),
    ],
)
@pytest.mark.parametrize("for_the_session", [False, True])
def test_directions_are_honoured(
    direction: str, sends: bool, takes: bool, answered: str, for_the_session: bool
) -> None:
    line = f"a={direction}"
    if for_the_session:
        offer = described("m=audio 30000 RTP/AVP 0", before=line)
    else:
        offer = described("m=audio 30000 RTP/AVP 0", line)

    text, agreed = ours().answer(offer)

    assert (agreed.sends, agreed.takes) == (sends, takes)
    assert f"a={answered}\r\n" in text


def test_the_address_0_0_0_0_holds_as_it_did_in_rfc_2543() -> None:
    _text, agreed = ours().answer(described("m=audio 30000 RTP/AVP 0", address="0.0.0.0"))

    assert (agreed.sends, agreed.takes) == (False, True)


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "garbage",
        "v=0\r\n",
        "v=zero\r\nm=audio 30000 RTP/AVP 0\r\n",
        described("m=audio 30000 RTP/AVP 18"),
        described("m=audio 30000 RTP/AVP 111", "a=rtpmap:111 opus/48000/2"),
        described("m=audio 0 RTP/AVP 0"),
        described("m=audio 70000 RTP/AVP 0"),
        described("m=audio many RTP/AVP 0"),
        described("m=audio 30000/2 RTP/AVP 0"),
        described("m=video 30000 RTP/AVP 0"),
        described("m=audio 30000 RTP/SAVPF 0", CRYPTO),
        described("m=audio 30000 RTP/AVP 0", address="phone.example"),
        described("m=audio 30000 RTP/AVP 0", address="224.0.0.1"),
        described("m=audio 30000 RTP/AVP 0", address="2001:db8::1"),
        "v=0\r\nm=audio 30000 RTP/AVP 0\r\n",
        described("m=audio 30000 RTP/AVP 0", "a=rtpmap:0 PCMU/16000"),
        described("m=audio 30000 RTP/AVP 0", "a=rtpmap:0 G722/8000"),
        described(*["m=audio 30000 RTP/AVP 0"] * 9),
    ],
)
def test_what_we_cannot_agree_to_is_refused(offer: str) -> None:
    with pytest.raises(NotAcceptable):
        ours().answer(offer)


def test_a_secure_offer_is_answered_with_a_key_of_ours_under_its_number() -> None:
    text, agreed = ours().answer(described("m=audio 30000 RTP/SAVP 0", CRYPTO))

    assert agreed.their_key == bytes(range(KEY_LENGTH))
    assert len(agreed.our_key) == KEY_LENGTH
    assert f"a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{base64.b64encode(agreed.our_key).decode()}" in text
    assert "m=audio 40000 RTP/SAVP 0" in text
    assert KEY not in repr(agreed)


@pytest.mark.parametrize(
    "line",
    [
        "",
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:{KEY}",
        f"a=crypto:x AES_CM_128_HMAC_SHA1_80 inline:{KEY}",
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY[:-4]}",
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4",
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "=" * 40,
        "a=crypto:1",
    ],
)
def test_a_secure_offer_without_a_key_that_we_can_use_is_never_answered_in_the_clear(line: str) -> None:
    media = ["m=audio 30000 RTP/SAVP 0", *([line] if line else [])]

    with pytest.raises(NotAcceptable):
        ours().answer(described(*media))


def test_a_lifetime_is_allowed() -> None:
    _text, agreed = ours().answer(described("m=audio 30000 RTP/SAVP 0", f"{CRYPTO}|2^20"))

    assert agreed.their_key


def test_where_secrecy_is_required_a_plain_offer_is_refused_and_ours_is_secure() -> None:
    required = ours(Secrecy.REQUIRED)

    with pytest.raises(NotAcceptable):
        required.answer(described("m=audio 30000 RTP/AVP 0"))
    offer = required.offer()
    assert "RTP/SAVP" in offer
    with pytest.raises(NotAcceptable):
        required.accept(described("m=audio 30000 RTP/AVP 0"))
    agreed = required.accept(described("m=audio 30000 RTP/SAVP 0", CRYPTO.replace(":3", ":1")))
    assert agreed.their_key


def test_where_secrecy_is_never_a_secure_offer_is_refused() -> None:
    with pytest.raises(NotAcceptable):
        ours(Secrecy.NEVER).answer(described("m=audio 30000 RTP/SAVP 0", CRYPTO))


def test_a_second_stream_in_the_clear_is_taken_where_the_first_needs_keys_that_it_has_not() -> None:
    text, agreed = ours().answer(described("m=audio 30000 RTP/SAVP 0", "m=audio 30002 RTP/AVP 8"))

    assert agreed.remote[1] == 30002
    assert "m=audio 0 RTP/SAVP 0" in text


def test_our_offer_has_both_codecs_and_events_and_its_answer_settles_them() -> None:
    negotiation = ours()

    offer = negotiation.offer()
    agreed = negotiation.accept(described("m=audio 30000 RTP/AVP 8 101", "a=rtpmap:101 telephone-event/8000"))

    assert "m=audio 40000 RTP/AVP 0 8 101" in offer
    assert (agreed.codec, agreed.events) == (Codec.PCMA, 101)


def test_each_description_of_ours_is_a_newer_version_of_the_same_session() -> None:
    negotiation = ours()
    origins = []
    for text in (negotiation.offer(), negotiation.offer(), negotiation.answer(described("m=audio 3 RTP/AVP 0"))[0]):
        origins.append(next(line for line in text.split("\r\n") if line.startswith("o=")).split())

    assert len({origin[1] for origin in origins}) == 1
    assert [int(origin[2]) for origin in origins] == [1, 2, 3]


@pytest.mark.parametrize("line", ["m=audio 0 RTP/AVP 0", "m=video 3000 RTP/AVP 0", "m=audio 3000 RTP/AVP 18"])
def test_an_answer_that_refuses_our_stream_settles_nothing(line: str) -> None:
    negotiation = ours()
    negotiation.offer()

    with pytest.raises(NotAcceptable):
        negotiation.accept(described(line))


def test_a_hold_of_ours_takes_nothing_whatever_the_answer_says() -> None:
    negotiation = ours()
    negotiation.hold(True)
    offer = negotiation.offer()

    agreed = negotiation.accept(described("m=audio 30000 RTP/AVP 0", "a=sendrecv"))

    assert "a=sendonly" in offer
    assert agreed.takes is False


def test_ipv6_is_spoken_where_we_are_on_it() -> None:
    text, agreed = ours(address="2001:db8::1").answer("v=0\r\nc=IN IP6 2001:db8::2\r\nm=audio 30000 RTP/AVP 0\r\n")

    assert agreed.remote == ("2001:db8::2", 30000)
    assert "c=IN IP6 2001:db8::1" in text


@given(st.text(max_size=300))
def test_no_text_at_all_makes_more_than_a_refusal(text: str) -> None:
    for offer in (text, described(text), described("m=audio 30000 RTP/AVP 0", f"a={text}")):
        try:
            answered, _agreed = ours().answer(offer)
        except NotAcceptable:
            continue
        assert answered.count("m=audio 40000") == 1


@pytest.mark.parametrize(("port", "is_taken"), [(1, True), (65_534, True), (65_535, False), (65_536, False)])
def test_a_port_without_one_above_it_for_reports_is_refused(port: int, is_taken: bool) -> None:
    """`media.Agreed` could not hold it."""
    offer = described(f"m=audio {port} RTP/AVP 0")
    if is_taken:
        _text, agreed = ours().answer(offer)
        assert Agreed(remote=agreed.remote, codec=MediaCodec(agreed.codec)).remote[1] == port
    else:
        with pytest.raises(NotAcceptable):
            ours().answer(offer)
